import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { MinioContainer, type StartedMinioContainer } from '@testcontainers/minio';
import { connectS3 } from '@transcodeflow/shared/objects/s3/connection.ts';
import { openS3Store } from '@transcodeflow/shared/objects/s3-store.ts';
import { testObjectStoreContract } from '@transcodeflow/shared/testing/objects/contract.ts';
import test, { type ExecutionContext } from 'ava';

let container: StartedMinioContainer;

test.before(async () => {
  container = await new MinioContainer('minio/minio:latest').start();
});
test.after.always(() => container?.stop());

function settings(changed: Partial<Parameters<typeof openS3Store>[0]> = {}) {
  return {
    endpoint: container.getConnectionUrl(),
    accessKey: container.getUsername(),
    secretKey: container.getPassword(),
    bucket: `bucket-${randomUUID()}`,
    ...changed,
  };
}

async function openStore(t: ExecutionContext, changed = settings()) {
  const store = await openS3Store(changed);
  t.teardown(() => store.close());
  return store;
}

function plainClient() {
  return connectS3(settings()).client;
}

testObjectStoreContract('s3', async (t) => {
  const changed = settings();
  const store = await openStore(t, changed);
  // MinIO tells of unfinished uploads by exact key only.
  const keys = new Set<string>();
  const put = store.put.bind(store);
  store.put = (key, ...rest) => put(keys.add(key) && key, ...rest);
  return {
    store,
    leftovers: async () => {
      const client = plainClient();
      const unfinished = await Promise.all(
        [...keys].map(async (key) => ((await client.findUploadId(changed.bucket, key)) ? [key] : [])),
      );
      return unfinished.flat();
    },
  };
});

test('what a killed process left of an upload is removed, and nothing else', async (t) => {
  const changed = settings();
  const store = await openStore(t, changed);
  const client = plainClient();
  for (const key of ['jobs/a/source', 'jobs/a/source', 'jobs/b/source'])
    await client.initiateNewMultipartUpload(changed.bucket, key, {});
  await store.removeUnfinished(['jobs/a/source', 'jobs/a/thumbnail']);
  t.falsy(await client.findUploadId(changed.bucket, 'jobs/a/source'));
  t.truthy(await client.findUploadId(changed.bucket, 'jobs/b/source'));
});

const MiB = 2 ** 20;

test('the bucket is made if it is missing, also by two services at once', async (t) => {
  const changed = settings();
  await Promise.all([openStore(t, changed), openStore(t, changed), openStore(t, changed)]);
  t.true(await plainClient().bucketExists(changed.bucket));
});

test('a bucket that goes away is told', async (t) => {
  const changed = settings();
  const store = await openStore(t, changed);
  await plainClient().removeBucket(changed.bucket);
  await t.throwsAsync(store.ping(), { message: /S3_BUCKET/ });
  await t.throwsAsync(store.put('x', Readable.from(['x'])), { message: /NoSuchBucket/ });
  await t.throwsAsync(store.get('x'), { message: /NoSuchBucket/ });
});

for (const [name, wrong] of Object.entries({
  S3_ACCESS_KEY: { accessKey: 'nobody' },
  S3_SECRET_KEY: { secretKey: 'wrong-secret' },
  S3_BUCKET: { bucket: 'Not_A_Bucket' },
  S3_ENDPOINT: { endpoint: 'http://127.0.0.1:1' },
})) {
  test(`a wrong ${name} is refused at once, naming it`, async (t) => {
    await t.throwsAsync(openS3Store(settings(wrong)), { message: new RegExp(`^${name} `) });
  });
}

for (const endpoint of ['minio:9000', 'ftp://minio', 'http://minio/path', '', 'http://']) {
  test(`"${endpoint}" is no S3_ENDPOINT`, async (t) => {
    await t.throwsAsync(openS3Store(settings({ endpoint })), { message: /^S3_ENDPOINT / });
  });
}

test('an empty key is refused, naming it', async (t) => {
  await t.throwsAsync(openS3Store(settings({ accessKey: '' })), { message: /^S3_ACCESS_KEY / });
  await t.throwsAsync(openS3Store(settings({ secretKey: '' })), { message: /^S3_SECRET_KEY / });
});

test('something else than an object store is told as a wrong S3_ENDPOINT', async (t) => {
  const { endpoint } = await listening(t, (socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>');
  });
  await t.throwsAsync(openS3Store(settings({ endpoint })), { message: /^S3_ENDPOINT / });
});

test('a user without rights on the bucket is told so', async (t) => {
  const changed = settings();
  await plainClient().makeBucket(changed.bucket);
  const [user, secret] = [`reader-${randomUUID().slice(0, 8)}`, 'a-secret-of-its-own'];
  const { exitCode } = await container.exec([
    'sh',
    '-c',
    `mc alias set here http://127.0.0.1:9000 ${container.getUsername()} ${container.getPassword()} && mc admin user add here ${user} ${secret}`,
  ]);
  if (exitCode !== 0) return t.log('no mc in the image: a user without a policy cannot be made');
  await t.throwsAsync(openS3Store({ ...changed, accessKey: user, secretKey: secret }), {
    message: /no right.*S3_BUCKET/,
  });
});

test('a store that stops answering is given up', async (t) => {
  const { endpoint, stall } = await proxied(t);
  const changed = settings({ endpoint, idleTimeout: 3_000 });
  const store = await openStore(t, changed);
  await store.put('here', Readable.from(['x']));
  stall();
  const big = () => Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(MiB)));
  await t.throwsAsync(store.put('known', big(), { size: 64 * MiB }), { message: /[Tt]imeout/ });
  await t.throwsAsync(store.put('unknown', big()), { message: /[Tt]imeout/ });
  await t.throwsAsync(store.get('here'), { message: /[Tt]imeout/ });
  await t.throwsAsync(store.ping(), { message: /[Tt]imeout/ });
  await t.throwsAsync(openS3Store(changed), { message: /^S3_ENDPOINT .*timeout/ });
});

test('a download that breaks off goes on where it stopped; parts are sent again', async (t) => {
  const { endpoint, cutAfter, cuts } = await proxied(t);
  const store = await openStore(t, settings({ endpoint }));
  const bytes = Buffer.alloc(20 * MiB, 'twenty mebibytes and a bit');
  cutAfter({ sent: 12 * MiB });
  await store.put('large', Readable.from([bytes]));
  t.is(cuts(), 1);
  cutAfter({ received: 7 * MiB });
  t.true((await buffer((await store.get('large')).body)).equals(bytes));
  t.is(cuts(), 2);
  cutAfter({ received: 3 * MiB });
  const part = await store.get('large', { range: { start: 5 * MiB, end: 15 * MiB } });
  t.true((await buffer(part.body)).equals(bytes.subarray(5 * MiB, 15 * MiB + 1)));
  t.is(cuts(), 3);
});

async function listening(t: ExecutionContext, onConnection: (socket: Socket) => void) {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}` };
}

/** A TCP proxy before the store that stalls, or cuts one connection after so many bytes. */
async function proxied(t: ExecutionContext) {
  const { hostname, port } = new URL(container.getConnectionUrl());
  const sockets = new Set<Socket>();
  let left: { sent?: number; received?: number } = {};
  let cuts = 0;
  const count = (way: 'sent' | 'received', socket: Socket) => (piece: Buffer) => {
    const rest = left[way];
    if (rest === undefined) return;
    left[way] = rest - piece.length;
    if (rest > piece.length) return;
    left = {};
    cuts += 1;
    socket.destroy();
  };
  const proxy = await listening(t, (socket) => {
    const upstream = connect(Number(port), hostname);
    upstream.on('error', () => {});
    sockets.add(socket).add(upstream);
    socket.on('data', count('sent', socket)).on('close', () => upstream.destroy());
    upstream.on('data', count('received', socket)).on('close', () => socket.destroy());
    if (stalled) return;
    socket.pipe(upstream).pipe(socket);
  });
  let stalled = false;
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  return {
    ...proxy,
    cuts: () => cuts,
    cutAfter: (bytes: typeof left) => {
      left = bytes;
    },
    stall: () => {
      stalled = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}
