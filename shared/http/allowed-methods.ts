import type { Middleware } from 'koa';
import { openApiDocument } from '../contracts/rest/openapi.ts';
import { AppError } from '../errors.ts';
import type { AppState } from './app-state.ts';

const METHODS = ['get', 'head', 'options', 'post', 'put', 'patch', 'delete'] as const;

/**
 * Answers calls whose path does not know their method, in whichever service, before a route with a parameter in that place
 * takes them: 405 with `Allow`, and `OPTIONS` with 204 and the same.
 * @throws {AppError} `method_not_allowed`
 */
export function allowedMethods(): Middleware<AppState> {
  let known: { pattern: RegExp; methods: string[] }[] | undefined;
  return async (ctx, next) => {
    known ??= paths();
    const methods = known.find(({ pattern }) => pattern.test(ctx.path))?.methods;
    // A method that is allowed, but not in this service, went astray: to its client it is not there.
    if (methods && !methods.includes(ctx.method)) {
      ctx.set('Allow', [...new Set([...methods, 'OPTIONS'])].join(', '));
      if (ctx.method !== 'OPTIONS')
        throw new AppError('method_not_allowed', `${ctx.path} does not know ${ctx.method}`);
      ctx.status = 204;
      return;
    }
    await next();
  };
}

/** Those without parameters first, as the routers have them. */
function paths() {
  const all = Object.entries(openApiDocument().paths ?? {}).map(([template, item]) => {
    const methods = METHODS.filter((method) => item[method]).map((method) => method.toUpperCase());
    if (methods.includes('GET') && !methods.includes('HEAD'))
      methods.splice(methods.indexOf('GET') + 1, 0, 'HEAD');
    return { template, methods, pattern: patternOf(template) };
  });
  return all.sort((a, b) => Number(a.template.includes('{')) - Number(b.template.includes('{')));
}

const patternOf = (template: string): RegExp =>
  new RegExp(
    `^${template.replaceAll('.', '\\.').replace(/\{(\w+)\}/g, (_, name) => (name === 'path' ? '.+' : '[^/]+'))}$`,
  );
