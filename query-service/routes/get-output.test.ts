import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { document, jobId, openQueryService, outputsOf, problemOf } from '../testing/service.ts';

const ID = jobId(1);
const BYTES = '0123456789';

async function open(t: ExecutionContext) {
  const service = await openQueryService(t);
  const put = (key: string, text: string) => service.objects.put(key, Readable.from([text]));
  await put(`jobs/${ID}/tasks/encode/1-w/360p.mp4`, BYTES);
  await put(`jobs/${ID}/tasks/package/1-w/hls/master.m3u8`, '#EXTM3U\n');
  await put(`jobs/${ID}/tasks/package/1-w/hls/360p/seg-1.m4s`, 'segment');
  await put(`jobs/${ID}/tasks/package/1-w/secret.txt`, 'secret');
  await put(`jobs/${ID}/source`, 'source');
  await service.project(document(1, { status: 'completed', outputs: outputsOf(ID) }));
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    service.call(`/api/jobs/${ID}/outputs/${path}`, { headers, method });
  /** As it stands: fetch would resolve the dots itself, and asks for a reload when it has validators. */
  const raw = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const { port } = new URL(service.server.url);
      const options = {
        host: '127.0.0.1',
        port,
        path: `/api/jobs/${ID}/outputs/${path}`,
        headers: { 'x-api-key': 'anna', ...headers },
      };
      const request = httpRequest(options, (response) => {
        response.setEncoding('utf8');
        let text = '';
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      request.on('error', reject).end();
    });
  return { ...service, get, raw };
}

test('an output is served whole, with its type and validators', async (t) => {
  const { get } = await open(t);
  const response = await get('360p.mp4');
  t.is(response.status, 200);
  t.is(await response.text(), BYTES);
  const { headers } = response;
  t.is(headers.get('content-type'), 'video/mp4');
  t.is(headers.get('content-length'), '10');
  t.is(headers.get('accept-ranges'), 'bytes');
  t.regex(headers.get('etag') ?? '', /^".+"$/);
  t.truthy(headers.get('last-modified'));
  t.is(headers.get('cache-control'), 'private, no-cache');
});

test('files of the HLS package are served below their folder', async (t) => {
  const { get } = await open(t);
  t.is(await (await get('hls/master.m3u8')).text(), '#EXTM3U\n');
  t.is((await get('hls/master.m3u8')).headers.get('content-type'), 'application/vnd.apple.mpegurl');
  t.is(await (await get('hls/360p/seg-1.m4s')).text(), 'segment');
});

test('ranges: the part that was asked for', async (t) => {
  const { get } = await open(t);
  for (const [range, part, sent] of [
    ['bytes=2-4', '234', '2-4'],
    ['bytes=7-', '789', '7-9'],
    ['bytes=-2', '89', '8-9'],
    ['bytes=5-999', '56789', '5-9'],
  ] as const) {
    const response = await get('360p.mp4', { range });
    t.is(response.status, 206, range);
    t.is(await response.text(), part);
    t.is(response.headers.get('content-range'), `bytes ${sent}/10`);
    t.is(response.headers.get('content-length'), String(part.length));
  }
});

test('ranges that cannot be: 416 past the end, the whole for what is no single range of bytes', async (t) => {
  const { get } = await open(t);
  const past = await get('360p.mp4', { range: 'bytes=10-' });
  t.is(past.headers.get('content-range'), 'bytes */10');
  t.deepEqual(await problemOf(past), [416, 'range_not_satisfiable']);
  for (const range of ['bytes=0-1,4-5', 'lines=1-2', 'nonsense']) {
    const response = await get('360p.mp4', { range });
    t.is(response.status, 200, range);
    t.is(await response.text(), BYTES);
  }
});

test('If-Range: a part of the same, else the whole', async (t) => {
  const { get } = await open(t);
  const etag = (await get('360p.mp4')).headers.get('etag') ?? '';
  t.is((await get('360p.mp4', { range: 'bytes=0-1', 'if-range': etag })).status, 206);
  t.is((await get('360p.mp4', { range: 'bytes=0-1', 'if-range': '"other"' })).status, 200);
});

test('304 for what the client has', async (t) => {
  const { get, raw } = await open(t);
  const { headers } = await get('360p.mp4');
  const [etag = '', modified = ''] = [headers.get('etag') ?? '', headers.get('last-modified') ?? ''];
  t.deepEqual(await raw('360p.mp4', { 'if-none-match': etag }), { status: 304, text: '' });
  t.deepEqual(await raw('360p.mp4', { 'if-modified-since': modified }), { status: 304, text: '' });
  t.deepEqual(await raw('360p.mp4', { 'if-none-match': '"other"' }), { status: 200, text: BYTES });
});

test('HEAD tells everything but the bytes', async (t) => {
  const { get } = await open(t);
  const response = await get('360p.mp4', {}, 'HEAD');
  t.is(response.status, 200);
  t.is(response.headers.get('content-length'), '10');
  t.is(response.headers.get('content-type'), 'video/mp4');
  t.is(await response.text(), '');
  t.is((await get('nothing.mp4', {}, 'HEAD')).status, 404);
});

test('only what the job names is served: no other object, no way out of a folder', async (t) => {
  const { get, raw } = await open(t);
  const nothing = [
    'nothing.mp4',
    'source',
    'tasks/encode/1-w/360p.mp4',
    'hls/',
    'hls',
    'hls/nothing.ts',
    'hls/360p/',
    'hls//master.m3u8',
    'toString',
    '__proto__',
    'constructor',
    '',
  ];
  for (const path of nothing) t.is((await get(path)).status, 404, path);
  const traversals = [
    'hls/../secret.txt',
    'hls/%2e%2e/secret.txt',
    'hls/..%2fsecret.txt',
    'hls/%2e%2e%2fsecret.txt',
    'hls/..%5csecret.txt',
    '../../../source',
    'hls/360p/../../secret.txt',
    'hls/.%00./secret.txt',
    '%2e%2e/%2e%2e/source',
    'hls/%ff',
  ];
  for (const path of traversals) {
    const { status, text } = await raw(path);
    t.true(status >= 400 && status < 500, `${path}: ${status}`);
    t.false(text.includes('"secret"') || text === 'secret' || text === 'source', path);
  }
});

test('an output whose object is gone, and a job without outputs, have none', async (t) => {
  const { get, project, call } = await open(t);
  t.deepEqual(await problemOf(await get('audio.m4a')), [404, 'output_not_found']);
  await project(document(2));
  t.deepEqual(await problemOf(await call(`/api/jobs/${jobId(2)}/outputs/360p.mp4`)), [
    404,
    'output_not_found',
  ]);
});

test('If-Match and If-Unmodified-Since: 412 where it is not the one that the client means', async (t) => {
  const { get } = await open(t);
  const { headers } = await get('360p.mp4');
  const [etag, modified] = [headers.get('etag') ?? '', headers.get('last-modified') ?? ''];
  const before = new Date(Date.parse(modified) - 5_000).toUTCString();
  for (const [name, value, status] of [
    ['if-match', etag, 200],
    ['if-match', `"other", ${etag}`, 200],
    ['if-match', '*', 200],
    ['if-match', '"other"', 412],
    ['if-match', `W/${etag}`, 412],
    ['if-unmodified-since', modified, 200],
    ['if-unmodified-since', before, 412],
    ['if-unmodified-since', 'nonsense', 200],
  ] as const)
    t.is((await get('360p.mp4', { [name]: value })).status, status, `${name}: ${value}`);
  t.deepEqual(await problemOf(await get('360p.mp4', { 'if-match': '"other"' })), [
    412,
    'precondition_failed',
  ]);
  t.is(
    (await get('360p.mp4', { 'if-match': etag, 'if-unmodified-since': before })).status,
    200,
    'the ETag counts',
  );
  const none = await get('360p.mp4', { 'if-none-match': etag, 'cache-control': 'no-cache' });
  t.is(none.status, 304, 'a client that asks caches to ask again has it all the same');
  t.is((await get('360p.mp4', { range: 'bytes=0-1', 'if-range': modified })).status, 206);
  t.is((await get('360p.mp4', { range: 'bytes=0-1', 'if-range': before })).status, 200);
  t.is(
    (await get('360p.mp4', { range: 'bytes=0-1', 'if-range': `W/${etag}` })).status,
    200,
    'weak: not the same bytes',
  );
});

test('an output is shown, or with ?download=1 saved, under a name made of the uploaded file', async (t) => {
  const { get, project } = await open(t);
  const of = async (path: string) => (await get(path)).headers.get('content-disposition');
  t.is(await of('360p.mp4'), 'inline; filename=holiday-360p.mp4');
  t.is(await of('360p.mp4?download=1'), 'attachment; filename=holiday-360p.mp4');
  t.is(await of('hls/360p/seg-1.m4s?download=1'), 'attachment; filename=holiday-hls-360p-seg-1.m4s');
  t.is((await get('360p.mp4?download=yes')).status, 400);
  let revision = 2;
  const named = async (filename: string) => {
    revision += 1;
    await project(document(1, { status: 'completed', outputs: outputsOf(ID), filename, revision }));
    return of('360p.mp4');
  };
  t.is(
    await named('Été "à" la plage.mov'),
    `inline; filename="?t? ? la plage-360p.mp4"; filename*=UTF-8''%C3%89t%C3%A9%20%C3%A0%20la%20plage-360p.mp4`,
  );
  t.is(await named('../../etc/passwd'), 'inline; filename="etc passwd-360p.mp4"');
  t.is(await named('a\r\nSet-Cookie: b=c.mp4'), 'inline; filename="a Set-Cookie b=c-360p.mp4"');
  t.is(await named('.mp4'), 'inline; filename=360p.mp4');
  t.true(((await named('x'.repeat(5_000))) ?? '').length < 300);
});
