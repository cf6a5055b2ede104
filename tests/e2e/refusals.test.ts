import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { Problem } from '@transcodeflow/shared/contracts/rest/problem.ts';
import type { Scope } from '@transcodeflow/shared/http/app-state.ts';
import test, { type ExecutionContext } from 'ava';
import { isTakenByAnother, methodsOf, type Operation, operations } from './refusals/operations.ts';
import { pathOf, requestOf, resourceOf } from './refusals/requests.ts';
import { storedBy } from './refusals/stored.ts';
import { openWorld, type World } from './refusals/world.ts';

let world: World;
let before: Record<string, unknown>;
test.before(async () => {
  world = await openWorld();
  before = await storedBy(world.system);
});
test.after.always(() => world?.close());

const SCOPES: readonly Scope[] = ['read', 'write', 'admin'];
const UNKNOWN = '019b7a11-7000-7000-8000-0000000000ff';
const MALFORMED = [
  'not-a-uuid',
  '0',
  UNKNOWN.slice(1),
  `${UNKNOWN}0`,
  encodeURIComponent("1' or '1'='1"),
  '%00',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '%E0%A4%A',
  '__proto__',
];

/** What must never be in an answer: stacks, statements, places, secrets. */
const leaks = () => [
  /\bat .+\.ts:\d/,
  /node_modules|file:\/\//,
  /\b(select|insert|update|delete)\s.+\b(from|into|set)\b/i,
  /postgres|ECONN|ENOENT|syntax error/i,
  new RegExp(world.system.dataFolder),
  ...Object.values(world.keys).map((key) => new RegExp(key)),
  new RegExp(world.system.apiKey),
];

interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

async function send(
  operation: Operation,
  path: string,
  init: RequestInit = {},
  key?: string,
): Promise<Answer> {
  const headers = new Headers(init.headers);
  if (key !== undefined) headers.set('X-API-Key', key);
  // Upload offsets and lengths belong to the calls, not to their refusals.
  const url = new URL(`${world.system.commandUrl}${path}`);
  const response = await fetch(url, { ...init, method: operation.method, headers, redirect: 'manual' });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function refused(
  t: ExecutionContext,
  answer: Answer,
  method: string,
  statuses: number[],
  codes: RegExp,
  what: string,
): void {
  t.true(statuses.includes(answer.status), `${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  for (const leak of leaks()) t.notRegex(answer.text, leak, what);
  t.truthy(answer.headers.get('x-request-id'), what);
  if (method === 'HEAD') return;
  t.regex(answer.headers.get('content-type') ?? '', /^application\/problem\+json/, what);
  const problem = Problem.parse(JSON.parse(answer.text));
  t.is(problem.status, answer.status, what);
  t.regex(problem.code, codes, what);
}

for (const operation of operations) {
  const { method, path, scope, bodies } = operation;
  const name = `${method} ${path}`;
  const resource = resourceOf(operation);

  if (scope) {
    test.serial(
      `${name}: keys that are missing, unknown, revoked, expired or without the scope`,
      async (t) => {
        const right = pathOf(operation, world);
        const call = async (key?: string) => send(operation, right, await requestOf(operation, world), key);
        refused(t, await call(), method, [403], /^api_key_missing$/, 'no key');
        refused(t, await call(''), method, [403], /^api_key_missing$/, 'an empty key');
        const { owner } = world.keys;
        const forged = owner.slice(0, -43) + randomBytes(32).toString('base64url');
        for (const [what, key] of Object.entries({
          unknown: 'unknown-key-0123456789',
          'right prefix, wrong secret': forged,
          'cut off': owner.slice(0, -1),
          'very long': 'k'.repeat(4_000),
          revoked: world.keys.revoked,
          expired: world.keys.expired,
        }))
          refused(t, await call(key), method, [401], /^api_key_invalid$/, what);
        for (const other of SCOPES.filter((each) => each !== scope))
          refused(t, await call(world.keys[other]), method, [403], /^scope_missing$/, `only ${other}`);
      },
    );
  }

  if (scope && resource) {
    test.serial(`${name}: ids of others, unknown and malformed ones`, async (t) => {
      const call = async (id: string | undefined, key: string) =>
        send(operation, pathOf(operation, world, id), await requestOf(operation, world), key);
      // Keys are an administrator's business: whoever has the scope sees them all.
      if (resource !== 'key')
        refused(
          t,
          await call(undefined, world.keys.other),
          method,
          [403],
          /_of_another_account$/,
          'of another account',
        );
      refused(t, await call(UNKNOWN, world.keys.owner), method, [404], /_not_found$/, 'unknown');
      for (const id of MALFORMED)
        refused(
          t,
          await call(id, world.keys.owner),
          method,
          [400, 404],
          /_not_found$|^invalid_request$/,
          `malformed: ${id}`,
        );
    });
  }

  test.serial(`${name}: methods that it does not know`, async (t) => {
    const known = methodsOf(path);
    const right = pathOf(operation, world);
    for (const other of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'QUERY', 'PROPFIND']) {
      // `stats` is a malformed id to a method that only the path with an id knows.
      if (known.has(other) || isTakenByAnother(path, other)) continue;
      const answer = await rawCall(other, right);
      refused(t, answer, other, [405], /^method_not_allowed$/, other);
      const allowed = (answer.headers.get('allow') ?? '').split(', ').filter((each) => each !== 'OPTIONS');
      t.deepEqual(new Set(allowed), new Set([...known].filter((each) => each !== 'OPTIONS')), other);
    }
  });

  test.serial(`${name}: too much of everything`, async (t) => {
    const right = pathOf(operation, world);
    const key = scope && world.keys.owner;
    const long = await send(operation, `${right}?q=${'x'.repeat(12_000)}`, {}, key);
    refused(t, long, method, [414], /^uri_too_long$/, 'a long address');
    if (bodies.includes('application/json')) {
      const body = JSON.stringify({ name: 'x'.repeat(200_000) });
      const headers = { 'Content-Type': 'application/json' };
      refused(
        t,
        await send(operation, right, { body, headers }, key),
        method,
        [413],
        /^payload_too_large$/,
        'a large body',
      );
    }
    if (bodies.includes('multipart/form-data')) {
      const form = new FormData();
      form.set('options', 'x'.repeat(2_000_000));
      refused(
        t,
        await send(operation, right, { body: form }, key),
        method,
        [413],
        /^payload_too_large$/,
        'a large field',
      );
    }
  });

  const isTus = bodies.some((type) => type.includes('offset'));
  if (scope && bodies.length > 0 && !isTus) {
    test.serial(`${name}: bodies of another type, malformed, or with what nobody asked for`, async (t) => {
      const right = pathOf(operation, world);
      const call = (body: string, type: string) =>
        send(
          operation,
          right,
          { body, headers: { 'Content-Type': type, 'Tus-Resumable': '1.0.0', 'Upload-Offset': '0' } },
          world.keys.owner,
        );
      refused(t, await call('<xml/>', 'application/xml'), method, [415], /^unsupported_media_type$/, 'XML');
      if (!bodies.includes('application/json')) return;
      for (const [what, body] of Object.entries({
        'no JSON': '{"name":',
        nothing: '',
        'no object': '[]',
        null: 'null',
        deep: `${'['.repeat(200)}${']'.repeat(200)}`,
        'a prototype': '{"__proto__":{"admin":true}}',
        'a constructor': '{"constructor":{"prototype":{"admin":true}}}',
        'an unknown field': '{"unheard_of":1}',
        'fields of wrong types':
          '{"name":1,"scopes":"admin","source":1,"url":[],"filename":{},"size_bytes":"x"}',
      }))
        refused(
          t,
          await call(body, 'application/json'),
          method,
          [400, 422],
          /^invalid_(request|fields)$/,
          what,
        );
    });
  }
}

test.serial('nothing was stored by what was refused', async (t) => {
  t.true(operations.length > 30);
  t.deepEqual(await storedBy(world.system), before);
});

/** `fetch` refuses some methods and normalises others. */
const rawCall = (method: string, path: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = { 'X-API-Key': world.keys.owner };
    const request = httpRequest(`${world.system.commandUrl}${path}`, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const answered = Object.entries(response.headers).map(
          ([name, value]) => [name, String(value)] as const,
        );
        resolve({
          status: response.statusCode ?? 0,
          headers: new Headers(answered.map(([n, v]) => [n, v])),
          text,
        });
      });
    });
    request.on('error', reject).end();
  });
