import test from 'ava';
import { openCommandService, videoBytes } from '../testing/http.ts';
import { refused } from '../testing/refused.ts';

/** A part as some client writes it. */
interface RawPart {
  headers: string[];
  content: string | Buffer;
}

const fileOf = (...headers: string[]): RawPart => ({ headers, content: videoBytes() });
const FILE = fileOf(
  'content-disposition: form-data; name="file"; filename="a.mp4"',
  'content-type: video/mp4',
);

const bodyOf = (boundary: string, parts: readonly RawPart[]) =>
  Buffer.concat([
    ...parts.flatMap(({ headers, content }) => [
      Buffer.from(`--${boundary}\r\n${headers.join('\r\n')}\r\n\r\n`),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);

const request = (parts: readonly RawPart[], boundary = 'x'): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  body: bodyOf(boundary, parts),
  signal: AbortSignal.timeout(60_000),
});

test('files and text are told apart as clients mean them, whatever types and encodings they name', async (t) => {
  const { call, stored } = await openCommandService(t);
  const options = JSON.stringify({ priority: 'low', metadata: { title: 'Käse' } });
  const text = (...headers: string[]) => ({
    headers: ['content-disposition: form-data; name="options"', ...headers],
    content: options,
  });
  const bodies: Record<string, RawPart[]> = {
    'Python requests: no type': [
      fileOf('Content-Disposition: form-data; name="file"; filename="a.mp4"'),
      text(),
    ],
    'curl -F options=…;type=application/json': [FILE, text('Content-Type: application/json')],
    '.NET StringContent': [FILE, text('Content-Type: text/plain; charset=utf-8')],
    'Java, 8bit': [FILE, text('Content-Type: text/plain; charset=UTF-8', 'Content-Transfer-Encoding: 8bit')],
    '7bit': [FILE, text('Content-Transfer-Encoding: 7bit')],
    binary: [
      fileOf(...FILE.headers, 'Content-Transfer-Encoding: binary'),
      text('Content-Transfer-Encoding: binary'),
    ],
    base64: [
      FILE,
      { ...text('Content-Transfer-Encoding: base64'), content: Buffer.from(options).toString('base64') },
    ],
  };
  for (const [client, parts] of Object.entries(bodies)) {
    const answer = await call('/api/upload', request(parts));
    t.is(answer.status, 200, `${client}: ${await answer.text()}`);
  }
  const jobs = (await stored()).filter(({ type }) => type === 'JobRequested');
  t.is(jobs.length, Object.keys(bodies).length);
  for (const { data } of jobs)
    t.like(data, { filename: 'a.mp4', priority: 'low', metadata: { title: 'Käse' } });
});

test('a file needs a filename or a type; without both it is text, whatever its encoding', async (t) => {
  const { call, nothingStored } = await openCommandService(t);
  const disposition = 'content-disposition: form-data; name="file"';
  const bare = fileOf(disposition, 'content-transfer-encoding: 7bit');
  await refused(t, await call('/api/upload', request([bare])), 400, 'invalid_request');
  t.true(await nothingStored());
  const typed = fileOf(disposition, 'content-type: video/mp4', 'content-transfer-encoding: 7bit');
  t.is((await call('/api/upload', request([typed]))).status, 200);
});

test('a boundary is a boundary, whatever words it holds', async (t) => {
  const { call } = await openCommandService(t);
  for (const boundary of ['x-octet-stream', 'json-x', 'urlencoded'])
    t.is((await call('/api/upload', request([FILE], boundary))).status, 200, boundary);
  for (const boundary of ['x-octet-stream', 'json-x']) {
    const nothing = { headers: ['content-disposition: form-data; name="note"'], content: 'hi' };
    await refused(t, await call('/api/upload', request([nothing], boundary)), 400, 'invalid_request');
  }
});

test('a transfer encoding that nobody knows is refused', async (t) => {
  const { call, nothingStored } = await openCommandService(t);
  const odd = fileOf(...FILE.headers, 'content-transfer-encoding: x-uuencode');
  await refused(t, await call('/api/upload', request([odd])), 400, 'invalid_request');
  t.true(await nothingStored());
});

// Of a header of 180 KB the search for it took four seconds: the time grows with the square of the length.
test('a filename is looked for in the first 8 KB of its header', async (t) => {
  const { call, stored } = await openCommandService(t);
  const named = (padding: number) => [
    `content-disposition: form-data; name="file";${' '.repeat(padding)} filename="a.mp4"`,
    'content-type: video/mp4',
  ];
  for (const padding of [8_000, 9_000])
    t.is((await call('/api/upload', request([fileOf(...named(padding))]))).status, 200);
  const names = (await stored()).flatMap(({ type, data }) =>
    type === 'JobRequested' ? [data.filename] : [],
  );
  t.deepEqual(names, ['a.mp4', 'video']);
});
