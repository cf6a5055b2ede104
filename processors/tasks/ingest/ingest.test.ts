import { createHash, randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { webServer } from '@transcodeflow/shared/net/testing/web-server.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { TaskError } from '../../task-error.ts';
import { type IngestLimits, ingest, ingestWithin } from './ingest.ts';

const FILE = randomBytes(300_000);
const MOST = 1_000_000;
const LIMITS: IngestLimits = { answerMs: 1_000, stallMs: 1_000, leastBytes: 1, windowMs: 60_000 };

async function open(t: ExecutionContext, handler: RequestListener) {
  const bench = await openTaskBench();
  t.teardown(() => bench.close());
  const server = await webServer(t, handler);
  const keys = async () => {
    const found: string[] = [];
    for await (const { key } of bench.objects.list('')) found.push(key);
    return found;
  };
  const spec = { kind: 'ingest' as const, url: `${server.url}/a.mp4`, most_bytes: MOST };
  /** Runs an attempt that is expected to fail, and leaves nothing. */
  const failure = async (limits = LIMITS, changes: Partial<typeof spec> = {}) => {
    const attempt = await bench.attempt();
    const error = await t.throwsAsync(ingestWithin(limits)({ ...spec, ...changes }, attempt), {
      instanceOf: TaskError,
    });
    t.deepEqual(await keys(), []);
    await until('the connection is closed', async () => (await server.connections()) === 0);
    return error instanceof TaskError ? error.info : undefined;
  };
  return { ...bench, server, spec, keys, failure };
}

for (const announced of [true, false])
  test(`the file is stored under the attempt's prefix, ${announced ? 'with' : 'without'} its length announced`, async (t) => {
    const { objects, attempt, spec } = await open(t, (_, response) => {
      if (announced) response.setHeader('content-length', FILE.length);
      response.write(FILE.subarray(0, 100_000));
      response.end(FILE.subarray(100_000));
    });
    const context = await attempt();
    const result = await ingest(spec, context);
    t.deepEqual(result, {
      kind: 'ingest',
      source: {
        key: `${context.prefix}source`,
        size_bytes: FILE.length,
        content_type: 'application/octet-stream',
      },
      sha256: createHash('sha256').update(FILE).digest('hex'),
    });
    t.deepEqual(await buffer((await objects.get(result.source.key)).body), FILE);
    const fractions = context.updates.map(({ fraction }) => fraction);
    t.deepEqual(
      fractions,
      [...fractions].sort((a, b) => a - b),
    );
    t.is(fractions.at(-1), 1);
    t.true(fractions.length > 1 && (fractions[0] ?? 1) < 1);
  });

test('redirects are followed', async (t) => {
  const { attempt, spec } = await open(t, (request, response) => {
    if (request.url === '/there') response.end(FILE);
    else response.writeHead(302, { location: '/there' }).end();
  });
  t.is((await ingest(spec, await attempt())).source.size_bytes, FILE.length);
});

test('what will be the same next time is not tried again', async (t) => {
  const { failure, server } = await open(t, (request, response) => {
    const paths: Record<string, () => unknown> = {
      '/missing': () => response.writeHead(404).end(),
      '/part': () => response.writeHead(206).end(FILE),
      '/away': () => response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
      '/round': () => response.writeHead(302, { location: '/round' }).end(),
      '/packed': () => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(FILE)),
      '/large': () => response.writeHead(200, { 'content-length': MOST + 1 }).end(Buffer.alloc(MOST + 1)),
    };
    paths[request.url ?? '']?.();
  });
  const at = (path: string) => failure(LIMITS, { url: `${server.url}${path}` });
  const missing = await at('/missing');
  t.like(missing, { code: 'source_answer_refused', retryable: false });
  t.regex(missing?.message ?? '', /status 404/);
  t.like(await at('/part'), { code: 'source_answer_refused', retryable: false });
  t.like(await at('/away'), { code: 'source_address_refused', retryable: false });
  t.like(await at('/round'), { code: 'source_redirect_refused', retryable: false });
  t.like(await at('/packed'), { code: 'source_answer_refused', retryable: false });
  t.like(await at('/large'), { code: 'source_too_large', retryable: false });
  const inside = await failure(LIMITS, { url: 'http://10.0.0.1/' });
  t.like(inside, { code: 'source_address_refused', retryable: false });
  t.notRegex(inside?.message ?? '', /10\.0/);
});

test('a body without an end is cut off when it passes what was set aside', async (t) => {
  const { failure } = await open(t, (_, response) => {
    const more = () => {
      while (response.writable && response.write(FILE));
    };
    response.on('drain', more);
    more();
  });
  t.like(await failure(), { code: 'source_too_large', retryable: false });
});

test('a server may be better next time: busy, silent, slow, or gone in the middle', async (t) => {
  const { failure, server } = await open(t, (request, response) => {
    if (request.url === '/busy') return response.writeHead(503).end();
    if (request.url === '/mute') return undefined;
    response.setHeader('content-length', FILE.length);
    response.write(FILE.subarray(0, 1_000));
    if (request.url === '/dies') setImmediate(() => response.destroy());
    if (request.url === '/short') response.socket?.end();
    if (request.url === '/trickles') {
      const drops = setInterval(() => response.write('a'), 10);
      response.on('close', () => clearInterval(drops));
    }
    return undefined;
  });
  const at = (path: string, limits = LIMITS) => failure(limits, { url: `${server.url}${path}` });
  t.like(await at('/busy'), { code: 'source_answer_refused', retryable: true });
  t.like(await at('/mute', { ...LIMITS, answerMs: 50 }), { code: 'source_timed_out', retryable: true });
  t.like(await at('/stalls', { ...LIMITS, stallMs: 50 }), { code: 'source_timed_out', retryable: true });
  const trickle = { ...LIMITS, leastBytes: 10_000, windowMs: 100 };
  t.like(await at('/trickles', trickle), { code: 'source_timed_out', retryable: true });
  t.like(await at('/dies'), { code: 'source_broken_off', retryable: true });
  t.like(await at('/short'), { code: 'source_broken_off', retryable: true });
});

test('a server that dies half-way is asked again from the beginning, and the whole file arrives', async (t) => {
  let requests = 0;
  const { attempt, objects, spec, keys } = await open(t, (_, response) => {
    requests += 1;
    response.setHeader('content-length', FILE.length);
    if (requests > 1) response.end(FILE);
    else response.write(FILE.subarray(0, 150_000), () => response.destroy());
  });
  await t.throwsAsync(ingest(spec, await attempt()), { instanceOf: TaskError });
  t.deepEqual(await keys(), []);
  const { source } = await ingest(spec, await attempt());
  t.deepEqual(await buffer((await objects.get(source.key)).body), FILE);
});

test('more bytes than announced are not taken', async (t) => {
  const { attempt, objects, spec } = await open(t, (_, response) => {
    response.socket?.end(`HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n${'a'.repeat(5_000)}`);
  });
  const { source } = await ingest(spec, await attempt());
  t.is(source.size_bytes, 1_000);
  t.is((await objects.head(source.key))?.size, 1_000);
});

test('a cancel ends it at once and leaves nothing', async (t) => {
  const { attempt, spec, keys, server } = await open(t, (_, response) => {
    response.setHeader('content-length', FILE.length);
    response.write(FILE.subarray(0, 1_000));
  });
  const cancel = new AbortController();
  const context = await attempt(cancel.signal);
  const running = ingest(spec, context);
  await until('bytes arrive', () => context.updates.length > 0);
  const reason = new Error('cancelled');
  cancel.abort(reason);
  t.is(await t.throwsAsync(running), reason);
  t.deepEqual(await keys(), []);
  await until('the connection is closed', async () => (await server.connections()) === 0);
});
