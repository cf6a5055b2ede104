import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import type Koa from 'koa';
import { silentLogger } from '../telemetry/logger.ts';
import { until } from '../testing/until.ts';
import { createApp } from './app.ts';
import type { AppState } from './app-state.ts';
import { listen, type Timeouts } from './listen.ts';

async function serve(t: ExecutionContext, handler: Koa.Middleware<AppState>, timeouts: Partial<Timeouts>) {
  const app = createApp(silentLogger);
  app.use(handler);
  const server = await listen(app.callback(), 0, '127.0.0.1', timeouts);
  t.teardown(() => server.close());
  const open = async () => {
    const socket = connect(server.port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    let text = '';
    const ended = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    socket.on('error', () => {});
    await once(socket, 'connect');
    return { socket, ended };
  };
  return { server, open, isServing: async () => (await fetch(server.url)).ok };
}

/** Keeps writing a little until the connection is gone. */
function dribble(socket: Socket, piece: string, everyMs: number): void {
  const timer = setInterval(() => socket.writable && socket.write(piece), everyMs);
  socket.on('close', () => clearInterval(timer));
}

const ok: Koa.Middleware<AppState> = (ctx) => {
  ctx.body = { ok: true };
};
/** Reads the body to its end. */
const swallow: Koa.Middleware<AppState> = async (ctx) => {
  let bytes = 0;
  for await (const chunk of ctx.req) bytes += chunk.length;
  ctx.body = { bytes };
};

test('headers that are dribbled, or never sent, end the connection; the server serves on', async (t) => {
  const { open, isServing } = await serve(t, ok, { headersMs: 300 });
  const clients = await Promise.all(Array.from({ length: 50 }, open));
  for (const [n, { socket }] of clients.entries()) {
    if (n === 0) continue;
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n');
    dribble(socket, 'X-a: b\r\n', 50);
  }
  t.true(await isServing());
  const answers = await Promise.all(clients.map(({ ended }) => ended));
  for (const answer of answers.slice(1)) {
    t.regex(answer, /^HTTP\/1\.1 408 /);
    t.regex(answer, /application\/problem\+json/);
    t.regex(answer, /"code":"request_timed_out"/);
  }
  t.true(await isServing());
});

test('a body that stalls ends the request with 408, before the whole time-out of anything else', async (t) => {
  const broke = Promise.withResolvers<void>();
  const { open, isServing } = await serve(
    t,
    async (ctx, next) => {
      if (ctx.method === 'GET') return ok(ctx, next);
      try {
        await swallow(ctx, next);
      } finally {
        broke.resolve();
      }
    },
    { bodyIdleMs: 300 },
  );
  const { socket, ended } = await open();
  socket.write('POST /api/upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbegin');
  const answer = await ended;
  t.regex(answer, /^HTTP\/1\.1 408 /);
  t.regex(answer, /"code":"request_timed_out"/);
  await broke.promise;
  t.true(await isServing());
});

test('a slow body whose bytes keep coming is taken, however long it takes', async (t) => {
  const { open } = await serve(t, swallow, { headersMs: 200, bodyIdleMs: 1_000 });
  const { socket, ended } = await open();
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 30\r\n\r\n');
  for (let n = 0; n < 30; n += 1) {
    socket.write('x');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const answer = await ended;
  t.regex(answer, /^HTTP\/1\.1 200 /);
  t.regex(answer, /\{"bytes":30\}/);
});

test('a server that is slow itself holds nobody’s body against them', async (t) => {
  const go = Promise.withResolvers<void>();
  const { open, server } = await serve(
    t,
    async (ctx, next) => {
      if (ctx.method === 'GET') return ok(ctx, next);
      await go.promise;
      await swallow(ctx, next);
    },
    { bodyIdleMs: 200 },
  );
  const { socket, ended } = await open();
  const size = 4 * 1024 * 1024;
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`);
  socket.write(Buffer.alloc(size));
  // As long as a stalled body of the same server takes to be ended, and more.
  const stalled = await open();
  stalled.socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx');
  t.regex(await stalled.ended, /^HTTP\/1\.1 408 /);
  go.resolve();
  t.regex(await ended, new RegExp(`\\{"bytes":${size}\\}`));
  t.true(server.port > 0);
});

test('a client that takes nothing of its answer is cut off, and what feeds the answer is closed', async (t) => {
  let source: Readable | undefined;
  const { open, isServing } = await serve(
    t,
    (ctx, next) => {
      if (ctx.path !== '/large') return ok(ctx, next);
      source = Readable.from(
        (function* () {
          for (;;) yield Buffer.alloc(1 << 20);
        })(),
      );
      ctx.body = source;
    },
    { answerIdleMs: 300 },
  );
  const { socket } = await open();
  socket.pause();
  socket.write('GET /large HTTP/1.1\r\nHost: a\r\n\r\n');
  await until('the source is closed', () => source?.destroyed === true);
  t.true(await isServing());
});

test('the rest of a refused body is thrown away for a while only', async (t) => {
  const { open } = await serve(
    t,
    (ctx) => {
      ctx.status = 413;
      ctx.body = { refused: true };
    },
    { lingerMs: 300 },
  );
  const { socket, ended } = await open();
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n');
  dribble(socket, 'x'.repeat(100), 20);
  t.regex(await ended, /^HTTP\/1\.1 413 .*\{"refused":true\}$/s);
});

test('what is no HTTP, or has headers beyond measure, is refused with a problem document', async (t) => {
  const { open, isServing } = await serve(t, ok, {});
  const cases: [string, string][] = [
    ['\x16\x03\x01\x02\x00 is TLS\r\n\r\n', '400 '],
    ['GET / HTTP/1.1\r\nHost a\r\n\r\n', '400 '],
    ['GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', '400 '],
    [`GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, '431 '],
    [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, '431 '],
  ];
  for (const [bytes, status] of cases) {
    const { socket, ended } = await open();
    socket.write(Buffer.from(bytes, 'latin1'));
    const answer = await ended;
    t.true(answer.startsWith(`HTTP/1.1 ${status}`), answer);
    t.regex(answer, /application\/problem\+json/);
    t.notRegex(answer, /Parse Error|HPE_/);
  }
  t.true(await isServing());
});
