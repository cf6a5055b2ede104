import { request as httpRequest } from 'node:http';
import { overriding } from '@transcodeflow/shared/objects/overriding.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { form, jpegBytes, openCommandService, videoBytes } from '../testing/http.ts';
import { refused } from '../testing/refused.ts';
import { sendAndHangUp } from '../testing/send-and-hang-up.ts';

const HEAD = Buffer.from(
  '--x\r\ncontent-disposition: form-data; name="file"; filename="a.mp4"\r\ncontent-type: video/mp4\r\n\r\n',
);

/** Sends a part of an upload and hangs up. */
function hangUp(url: string, sent: Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    const request = httpRequest(`${url}/api/upload`, {
      method: 'POST',
      headers: {
        'x-api-key': 'anna',
        'content-type': 'multipart/form-data; boundary=x',
        'content-length': 900_000,
      },
    });
    request.on('error', () => {}).on('close', resolve);
    const write = (index: number): void => {
      const chunk = sent[index];
      if (chunk) request.write(chunk, () => write(index + 1));
      else setImmediate(() => request.destroy());
    };
    write(0);
  });
}

test('a client that hangs up in mid-upload leaves no object and no job', async (t) => {
  const begun: string[] = [];
  const ended: string[] = [];
  const { server, nothingStored, call } = await openCommandService(t, (objects) =>
    overriding(objects, {
      put: async (key, body, options) => {
        begun.push(key);
        return objects.put(key, body, options).finally(() => ended.push(key));
      },
    }),
  );
  await hangUp(server.url, []);
  await hangUp(server.url, [HEAD]);
  await hangUp(server.url, [HEAD, videoBytes(100)]);
  await hangUp(server.url, [HEAD, videoBytes(200_000)]);
  await until('the store is told to stop', () => begun.length > 0 && ended.length === begun.length);
  const rest = Buffer.from(
    '\r\n--x\r\ncontent-disposition: form-data; name="thumbnail"; filename="a.jpg"\r\ncontent-type: image/jpeg\r\n\r\n',
  );
  await hangUp(server.url, [HEAD, videoBytes(100_000), rest, jpegBytes(50_000)]);
  await until('nothing is stored', nothingStored);
  t.is((await call('/healthz', {}, undefined)).status, 200);
});

test('a client that sends a short body whole and hangs up at once holds nothing, and can try again', async (t) => {
  const { server, call } = await openCommandService(t);
  for (const size of [5_000, 60_000, 110_000]) {
    const body = Buffer.concat([HEAD, videoBytes(size), Buffer.from('\r\n--x--\r\n')]);
    const headers = { 'content-type': 'multipart/form-data; boundary=x', 'idempotency-key': `key-${size}` };
    await sendAndHangUp(server.port, 'POST /api/upload', headers, body);
    // While the first is under way, and where it was refused, it is told to come again.
    await until('the key is free', async () => {
      const again = await call('/api/upload', { method: 'POST', headers, body });
      if (again.status !== 409) t.is(again.status, 200, await again.text());
      return again.status === 200;
    });
  }
  await until('nothing is reserved', async () => {
    const usage = (await (await call('/api/usage')).json()) as { reserved_bytes: number };
    return usage.reserved_bytes === 0;
  });
});

test('a body that ends before its closing boundary is refused, however short it is', async (t) => {
  const { call, nothingStored } = await openCommandService(t);
  for (const size of [100, 20_000, 200_000])
    for (const tail of ['', '\r', '\r\n--x\r\ncontent-disp']) {
      const answer = await call('/api/upload', {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: Buffer.concat([HEAD, videoBytes(size), Buffer.from(tail)]),
        signal: AbortSignal.timeout(100_000),
      });
      await refused(t, answer, 400, 'invalid_request');
    }
  t.true(await nothingStored());
});

test('an object store that fails is not the client’s fault, and leaves neither job nor objects', async (t) => {
  const { upload, nothingStored } = await openCommandService(t, (objects) =>
    overriding(objects, {
      put: async (key, body, options) => {
        if (key.endsWith('thumbnail')) throw new Error('the disk at 10.0.0.7 is full');
        return objects.put(key, body, options);
      },
    }),
  );
  const problem = await refused(
    t,
    await upload(form({ file: videoBytes(), thumbnail: jpegBytes() })),
    500,
    'internal',
  );
  t.notRegex(JSON.stringify(problem), /10\.0\.0\.7/, 'nothing of the inside is told');
  t.true(await nothingStored());
});

test('a store that fails in the middle of a large file ends the upload', async (t) => {
  const { upload, nothingStored } = await openCommandService(t, (objects) =>
    overriding(objects, {
      put: async (_, body) => {
        for await (const chunk of body) if (chunk) throw new Error('connection reset');
        throw new Error('empty');
      },
    }),
  );
  const response = await upload(form({ file: videoBytes(900_000) })).catch(() => undefined);
  t.true(response === undefined || response.status >= 500);
  t.true(await nothingStored());
});
