import { webServer } from '@transcodeflow/shared/net/testing/web-server.ts';
import test from 'ava';
import { MOST_UPLOAD_BYTES, videoBytes } from '../testing/http.ts';
import { refused } from '../testing/refused.ts';
import { chunked, openUrlSources, VIDEO } from '../testing/url-sources.ts';

test('a job of a URL is accepted when there is a video; the room for it is kept; nothing is stored yet', async (t) => {
  let requests = 0;
  const { web, created, stored, scheduled, used, keys } = await openUrlSources(t, (_, response) => {
    requests += 1;
    response.setHeader('content-length', VIDEO.length);
    response.end(VIDEO);
  });
  const body = await created('/films/My%20holiday.mp4?token=1', { metadata: { a: 'b' }, priority: 'high' });
  const { job_id } = body;
  t.deepEqual(body, { job_id, status: 'queued', filename: 'My holiday.mp4', size_bytes: VIDEO.length });
  const url = `${web.url}/films/My%20holiday.mp4?token=1`;
  const [requested] = await stored();
  t.like(requested, {
    type: 'JobRequested',
    data: {
      account_id: 'anna',
      priority: 'high',
      metadata: { a: 'b' },
      source: { url, most_bytes: VIDEO.length, size_bytes: VIDEO.length },
    },
  });
  t.like(scheduled[0], {
    job_id,
    task: {
      task_id: 'ingest',
      priority: 'high',
      spec: { kind: 'ingest', url, most_bytes: VIDEO.length },
    },
  });
  t.deepEqual(await used(), [VIDEO.length, 0]);
  t.deepEqual(await keys(), []);
  t.is(requests, 1);
});

test('no answer tells what is inside: every address that is refused is refused in the same words', async (t) => {
  let reached = 0;
  const inside = await webServer(t, (_, response) => {
    reached += 1;
    response.end(VIDEO);
  });
  const { create, web, nothingStored, used } = await openUrlSources(
    t,
    (request, response) => {
      const location = decodeURIComponent(request.url?.slice(1) ?? '');
      response.writeHead(302, { location }).end();
    },
    ['127.0.0.1/32'],
  );
  const open127 = inside.url.replace('127.0.0.1', '127.0.0.2');
  const urls = [
    'http://127.0.0.2:1/',
    open127,
    `http://localhost.:${inside.port}/`.replace('localhost.', '0x7f000002'),
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]/',
    'http://10.1.2.3:5432/',
    'http://no-such-name.invalid/',
    `${web.url}/${encodeURIComponent(open127)}`,
    `${web.url}/${encodeURIComponent('http://169.254.169.254/')}`,
  ];
  const words = new Set<string>();
  for (const url of urls) {
    const { errors, detail } = await refused(t, await create(url), 422, 'invalid_fields');
    t.deepEqual(Object.keys(errors ?? {}), ['source.url']);
    words.add(`${detail} ${errors?.['source.url']}`);
  }
  t.deepEqual(
    [...words],
    ['source.url: The host of the URL has no public address. The host of the URL has no public address.'],
  );
  t.is(reached, 0);
  t.true(await nothingStored());
  t.deepEqual(await used(), [0, 0]);
});

test('what cannot be fetched is refused at once, and nothing stays', async (t) => {
  const { create, web, nothingStored, used } = await openUrlSources(t, (request, response) => {
    const answers: Record<string, () => unknown> = {
      '/missing': () => response.writeHead(404).end(),
      '/error': () => response.writeHead(500).end(),
      '/round': () => response.writeHead(302, { location: '/round' }).end(),
      '/ftp': () => response.writeHead(302, { location: 'ftp://example.com/' }).end(),
      '/large': () => response.writeHead(200, { 'content-length': MOST_UPLOAD_BYTES + 1 }).write('a'),
      '/packed': () => response.writeHead(200, { 'content-encoding': 'gzip' }).end(VIDEO),
      '/dies': () => response.destroy(),
      '/page': () => response.end('<!doctype html><title>Not a video</title>'),
      '/empty': () => response.end(),
      '/picture': () => response.end(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')),
    };
    answers[request.url ?? '']?.();
  });
  const fields = {
    '/missing': /status 404/,
    '/error': /status 500/,
    '/round': /redirects too often/,
    '/ftp': /http:\/\/ or https:\/\//,
    '/large': /larger than 1000000 bytes/,
    '/packed': /packed/,
    '/dies': /could not be reached/,
  };
  for (const [path, expected] of Object.entries(fields)) {
    const { errors } = await refused(t, await create(web.url + path), 422, 'invalid_fields');
    t.regex(errors?.['source.url'] ?? '', expected, path);
  }
  for (const path of ['/page', '/empty', '/picture'])
    await refused(t, await create(web.url + path), 400, 'invalid_video_format');
  for (const url of [
    'http://user:pass@127.0.0.1/',
    'ftp://127.0.0.1/a.mp4',
    'file:///etc/passwd',
    'a.mp4',
    '',
  ])
    await refused(t, await create(url), 422, 'invalid_fields');
  await web.close();
  const { errors } = await refused(t, await create(web.url), 422, 'invalid_fields');
  t.regex(errors?.['source.url'] ?? '', /could not be reached/);
  t.true(await nothingStored());
  t.deepEqual(await used(), [0, 0]);
});

test('the same Idempotency-Key makes one job, and asks the server once', async (t) => {
  let requests = 0;
  const { post, web, events } = await openUrlSources(t, (_, response) => {
    requests += 1;
    chunked(response);
  });
  const body = { source: { url: web.url } };
  const once = { 'Idempotency-Key': 'once' };
  const [first, second] = [await post(body, 'anna', once), await post(body, 'anna', once)];
  t.deepEqual(await second.json(), await first.json());
  t.is(first.headers.get('location'), second.headers.get('location'));
  await refused(
    t,
    await post({ source: { url: `${web.url}/b` } }, 'anna', once),
    422,
    'idempotency_mismatch',
  );
  t.is(requests, 1);
  t.is((await events()).filter((type) => type === 'JobRequested').length, 1);
});

test('the name is the client’s, the server’s or the path’s, and never a path itself', async (t) => {
  const dispositions: Record<string, string> = {
    '/plain/x': 'attachment; filename="holiday.mp4"',
    '/unicode': "attachment; filename=a.mp4; filename*=UTF-8''%C3%A9t%C3%A9.mp4",
    '/traversal': 'attachment; filename="../../etc/passwd"',
    '/broken.mp4': ';;;=" garbage',
  };
  const { created } = await openUrlSources(t, (request, response) => {
    const disposition = dispositions[request.url ?? ''];
    if (disposition) response.setHeader('content-disposition', disposition);
    response.setHeader('content-length', 5_000);
    response.end(videoBytes(5_000));
  });
  const nameOf = async (path: string, more = {}) => (await created(path, more)).filename;
  t.is(await nameOf('/plain/x'), 'holiday.mp4');
  t.is(await nameOf('/unicode'), 'été.mp4');
  t.is(await nameOf('/traversal'), 'passwd');
  t.is(await nameOf('/broken.mp4'), 'broken.mp4');
  t.is(await nameOf('/a/%2e%2e%2fsecret.mp4'), 'secret.mp4');
  t.is(await nameOf('/%E0%A4%A.mp4'), '%E0%A4%A.mp4');
  t.is(await nameOf('/'), 'video');
  t.is(await nameOf('/plain/x', { filename: 'mine.mp4' }), 'mine.mp4');
});
