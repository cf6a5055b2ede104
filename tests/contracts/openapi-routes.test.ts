import { openApiDocument } from '@transcodeflow/shared/contracts/rest/openapi.ts';
import test from 'ava';
import * as commandRouters from '../../command-service/routes/router.ts';
import * as queryRouters from '../../query-service/routes/router.ts';

/** Answered before the routers are asked, each with a test of its own beside it. */
const MIDDLEWARE = ['GET /healthz', 'GET /readyz', 'GET /openapi.json', 'GET /docs'];

type CreateRouter = (dependencies: never) => { stack: { methods: string[]; path: string | RegExp }[] };
const creators: CreateRouter[] = [commandRouters, queryRouters].flatMap((made) => Object.values(made));
// Routes are made of what they need when they are called; here none is.
const routers = creators.map((create) => create({} as never));

/** `/api/jobs/:id/outputs/*path` → `/api/jobs/{id}/outputs/{path}` */
const asDocumented = (path: string) => path.replace(/[:*](\w+)/g, '{$1}');

const routes = routers.flatMap(({ stack }) =>
  stack
    .filter(({ methods }) => methods.length > 0)
    .flatMap(({ methods, path }) => methods.map((method) => `${method} ${asDocumented(String(path))}`)),
);

const calls = Object.entries(openApiDocument().paths ?? {}).flatMap(([path, item]) =>
  Object.keys(item)
    .filter((name) => /^(get|head|options|post|put|patch|delete)$/.test(name))
    .map((method) => `${method.toUpperCase()} ${path}`),
);

test('every route is documented; the HEAD that comes with each GET need not be', (t) => {
  const isImplied = (route: string) =>
    route.startsWith('HEAD ') && routes.includes(route.replace('HEAD', 'GET')) && !calls.includes(route);
  t.deepEqual(
    [...new Set(routes)].filter((route) => !calls.includes(route) && !isImplied(route)),
    [],
  );
  t.true(routes.length > 5);
});

test('every call that is documented has a route', (t) => {
  t.deepEqual(
    calls.filter((call) => !routes.includes(call) && !MIDDLEWARE.includes(call)),
    [],
  );
});

test('no two routes of one router answer the same call', (t) => {
  for (const { stack } of routers) {
    const own = stack.flatMap(({ methods, path }) => methods.map((method) => `${method} ${String(path)}`));
    t.is(new Set(own).size, own.length);
  }
});
