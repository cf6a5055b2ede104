import { connect } from 'node:net';
import { Readable } from 'node:stream';
import type { Identity } from '@transcodeflow/shared/http/app-state.ts';
import { identity } from '@transcodeflow/shared/testing/identity.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { Client } from 'pg';
import { form, jpegBytes, openCommandService, videoBytes } from '../testing/http.ts';
import { refused } from '../testing/refused.ts';

const SIZE = 20_000;
const HEAD =
  '--x\r\ncontent-disposition: form-data; name="file"; filename="a.mp4"\r\ncontent-type: video/mp4\r\n\r\n';
const multipart = { 'content-type': 'multipart/form-data; boundary=x' };

async function open(t: ExecutionContext, quota: number | null, over: { uploadLeaseMs?: number } = {}) {
  const who: Record<string, Identity> = {
    anna: { ...identity('anna', 'read', 'write'), storage_quota_bytes: quota },
    bert: { ...identity('bert', 'read', 'write'), storage_quota_bytes: quota },
    writer: identity('anna', 'write'),
  };
  const keys = { identify: async (key: string) => who[key] };
  const service = await openCommandService(t, undefined, { keys, mostUploadBytes: 1_000_000_000, ...over });
  const usage = async (key?: string) => (await service.call('/api/usage', {}, key)).json();
  return {
    ...service,
    usage,
    nothingReserved: async () => ((await usage()) as { reserved_bytes: number }).reserved_bytes === 0,
  };
}

/** A chunked request: its length is not known beforehand. */
const chunked = (parts: Iterable<string | Buffer> | AsyncIterable<string | Buffer>): RequestInit =>
  ({
    method: 'POST',
    headers: multipart,
    body: Readable.toWeb(Readable.from(parts)),
    duplex: 'half',
  }) as RequestInit;

test.serial(
  '50 parallel uploads against a quota for 10: at most 10 are accepted, and nothing stays of the others',
  async (t) => {
    const { upload, usage, keys, events } = await open(t, 10 * SIZE);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => upload(form({ file: videoBytes(SIZE) }))),
    );
    const accepted = answers.filter(({ status }) => status === 200).length;
    t.log(`${accepted} of 50 accepted`);
    t.true(accepted > 0 && accepted <= 10);
    for (const answer of answers) if (answer.status !== 200) await refused(t, answer, 413, 'quota_exceeded');
    t.like(await usage(), { used_bytes: accepted * SIZE, reserved_bytes: 0 });
    t.is((await keys()).length, accepted);
    t.is((await events()).filter((type) => type === 'JobRequested').length, accepted);
  },
);

test('what fits exactly is accepted, whatever else its body holds, and a byte more is refused', async (t) => {
  const { upload, call, usage, keys } = await open(t, 300_000);
  const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`key-${n}`, 'x'.repeat(1_000)]));
  const body = (size: number) =>
    form({ file: videoBytes(size), thumbnail: jpegBytes(100_000), options: JSON.stringify({ metadata }) });
  await refused(t, await upload(body(200_001)), 413, 'quota_exceeded');
  t.deepEqual(await usage(), {
    used_bytes: 0,
    reserved_bytes: 0,
    quota_bytes: 300_000,
    available_bytes: 300_000,
  });
  t.is((await upload(body(200_000))).status, 200);
  t.like(await usage(), { used_bytes: 300_000, reserved_bytes: 0, available_bytes: 0 });

  const parts = (size: number) => [HEAD, videoBytes(size), '\r\n--x--\r\n'];
  const before = await keys();
  const tooLarge = await call('/api/upload', chunked(parts(300_001)), 'bert');
  t.is(tooLarge.status, 413, 'also where the length is not announced');
  await tooLarge.text();
  t.deepEqual(await keys(), before);
  t.is((await call('/api/upload', chunked(parts(300_000)), 'bert')).status, 200);
});

test('an upload that cannot fit is refused by its Content-Length, before its body is read', async (t) => {
  const { server, nothingStored } = await open(t, 1_000_000);
  const answer = await rawRequest(server.port, { 'content-length': '2000000' }, []);
  t.regex(answer, /^HTTP\/1\.1 413 [\s\S]*"title":"Storage quota exceeded"[\s\S]*"code":"quota_exceeded"/);
  t.true(await nothingStored());
});

test('a client that sends everything before it reads gets its refusal', async (t) => {
  const { server, nothingStored } = await open(t, 1_000_000);
  const chunks = [HEAD, ...Array.from({ length: 64 }, () => Buffer.alloc(1_000_000))];
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const announced = await rawRequest(server.port, { 'content-length': String(length) }, chunks);
  t.regex(announced, /^HTTP\/1\.1 413 /);
  const video = [HEAD, videoBytes(1_100_000), ...Array.from({ length: 64 }, () => Buffer.alloc(1_000_000))];
  const frames = video.flatMap((chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, '\r\n']);
  const unannounced = await rawRequest(server.port, { 'transfer-encoding': 'chunked' }, frames);
  t.regex(unannounced, /^HTTP\/1\.1 413 /);
  t.true(await nothingStored());
});

test('bytes that pass the quota in mid-stream end the upload, and everything is given back', async (t) => {
  const { call, usage, nothingStored, nothingReserved } = await open(t, 40_000_000);
  let sent = 0;
  const endless = async function* () {
    yield HEAD;
    yield videoBytes(1_000_000);
    for (; sent < 400; sent += 1) yield Buffer.alloc(1_000_000, sent);
  };
  const response = await call('/api/upload', chunked(endless())).catch((error: unknown) => error);
  if (response instanceof Response) t.is(response.status, 413);
  await until('nothing is reserved', nothingReserved);
  t.like(await usage(), { used_bytes: 0 });
  t.true(await nothingStored());
});

test('failed uploads hold nothing afterwards', async (t) => {
  const { upload, call, usage, nothingStored } = await open(t, 1_000_000);
  t.is((await upload(form({ file: jpegBytes(200_000) }))).status, 400);
  t.is((await upload(form({ file: videoBytes(), thumbnail: Buffer.from('no image') }))).status, 400);
  t.is((await upload(form({ file: videoBytes(), options: '{"priority":"urgent"}' }))).status, 400);
  t.is((await call('/api/upload', { method: 'POST', body: 'nonsense', headers: multipart })).status, 400);
  t.like(await usage(), { used_bytes: 0, reserved_bytes: 0 });
  t.true(await nothingStored());
});

test('a client that hangs up gives its bytes back', async (t) => {
  const { server, usage, nothingReserved, nothingStored } = await open(t, 1_000_000);
  const socket = connect(server.port, '127.0.0.1').on('error', () => {});
  socket.write(head({ 'content-length': '900000' }));
  socket.write(HEAD);
  socket.write(videoBytes(200_000));
  await until('bytes are reserved', async () => !(await nothingReserved()));
  socket.destroy();
  await until('nothing is reserved', nothingReserved);
  t.like(await usage(), { used_bytes: 0 });
  t.true(await nothingStored());
});

test('a deleted job gives its bytes back before the answer, once, and the next upload has room', async (t) => {
  const { upload, call, usage } = await open(t, SIZE);
  for (let round = 0; round < 3; round += 1) {
    const answer = await upload(form({ file: videoBytes(SIZE) }));
    t.is(answer.status, 200);
    const { job_id } = (await answer.json()) as { job_id: string };
    t.like(await usage(), { used_bytes: SIZE, available_bytes: 0 });
    await refused(t, await upload(form({ file: videoBytes(100) })), 413, 'quota_exceeded');
    t.is((await call(`/api/jobs/${job_id}`, { method: 'DELETE' })).status, 200);
    t.is((await call(`/api/jobs/${job_id}`, { method: 'DELETE' })).status, 404);
    t.like(await usage(), { used_bytes: 0, reserved_bytes: 0, available_bytes: SIZE });
  }
});

test('a cancelled job keeps its source and counts for it', async (t) => {
  const { upload, call, usage } = await open(t, null);
  const { job_id } = (await (
    await upload(form({ file: videoBytes(SIZE), thumbnail: jpegBytes(100) }))
  ).json()) as {
    job_id: string;
  };
  t.is((await call(`/api/jobs/${job_id}/cancel`, { method: 'POST' })).status, 200);
  t.deepEqual(await usage(), {
    used_bytes: SIZE + 100,
    reserved_bytes: 0,
    quota_bytes: null,
    available_bytes: null,
  });
});

test('usage is each account’s own and needs the scope read', async (t) => {
  const { upload, call, usage } = await open(t, SIZE);
  t.is((await upload(form({ file: videoBytes(SIZE) }))).status, 200);
  t.like(await usage('bert'), { used_bytes: 0, quota_bytes: SIZE, available_bytes: SIZE });
  await refused(t, await call('/api/usage', {}, 'writer'), 403, 'scope_missing');
});

// Serial, hence alone: short leases are for a process that is not starved.
test.serial('an upload is slow and alive: its lease is renewed for as long as bytes flow', async (t) => {
  const { call, usage, databaseUrl } = await open(t, 1_000_000, { uploadLeaseMs: 1_000 });
  const client = new Client(databaseUrl);
  await client.connect();
  t.teardown(() => client.end());
  const isOld = async () => {
    const { rows } = await client.query(
      `select from storage.holder where created_at < now() - interval '3 seconds'`,
    );
    return rows.length > 0;
  };
  const trickle = async function* () {
    yield HEAD;
    yield videoBytes(20_000);
    while (!(await isOld())) yield Buffer.alloc(10);
    yield '\r\n--x--\r\n';
  };
  const answer = await call('/api/upload', chunked(trickle()));
  t.is(answer.status, 200, await answer.text());
  t.like(await usage(), { reserved_bytes: 0 });
});

test.serial(
  'an upload that falls silent for the time of a lease is refused, and nothing of it stays',
  async (t) => {
    const { server, nothingStored, nothingReserved } = await open(t, 1_000_000, { uploadLeaseMs: 300 });
    const answer = await rawRequest(server.port, { 'content-length': '900000' }, [HEAD, videoBytes(200_000)]);
    t.regex(answer, /^HTTP\/1\.1 408 [\s\S]*"code":"upload_timed_out"/);
    t.true(await nothingReserved());
    t.true(await nothingStored());
  },
);

const head = (headers: Record<string, string>) =>
  [
    'POST /api/upload HTTP/1.1',
    'host: x',
    'x-api-key: anna',
    ...Object.entries({ ...multipart, ...headers }).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n');

/** Sends all of `chunks`, and only then reads the answer. */
function rawRequest(
  port: number,
  headers: Record<string, string>,
  chunks: (string | Buffer)[],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', reject);
    const send = (index: number): void => {
      const chunk = chunks[index];
      if (chunk !== undefined) return void socket.write(chunk, () => send(index + 1));
      let answer = '';
      socket.on('data', (data) => {
        answer += data;
        if (/"request_id":/.test(answer)) {
          socket.destroy();
          resolve(answer);
        }
      });
      socket.on('end', () => resolve(answer));
    };
    socket.write(head(headers), () => send(0));
  });
}
