import type { RequestListener, ServerResponse } from 'node:http';
import { jobEventFrom } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import type { JobEventOf } from '@transcodeflow/shared/contracts/job-events.ts';
import type { TaskReport } from '@transcodeflow/shared/contracts/task-reports.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import type { KeyRing } from '@transcodeflow/shared/http/api-keys.ts';
import { LOOPBACK, webServer } from '@transcodeflow/shared/net/testing/web-server.ts';
import { attemptPrefix } from '@transcodeflow/shared/objects/keys.ts';
import { identity } from '@transcodeflow/shared/testing/identity.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test, { type ExecutionContext } from 'ava';
import { reportMessage } from '../testing/core.ts';
import { MOST_UPLOAD_BYTES, openCommandService, videoBytes } from '../testing/http.ts';
import { refused } from '../testing/refused.ts';

const QUOTA = 100_000;
const WORKER = 'worker-1';
const keys: KeyRing = {
  identify: async (key) =>
    key === 'anna'
      ? { ...identity('anna', 'read', 'write'), storage_quota_bytes: QUOTA }
      : identity('bert', 'read', 'write'),
};
const VIDEO = videoBytes();
/** Without announcing its length. */
const chunked = (response: ServerResponse, bytes = VIDEO) => {
  response.write(bytes.subarray(0, 1));
  response.end(bytes.subarray(1));
};

async function open(t: ExecutionContext, handler: RequestListener, allowAddresses = LOOPBACK) {
  const web = await webServer(t, handler);
  const service = await openCommandService(t, undefined, { keys, allowAddresses });
  const scheduled: { job_id: string; task: JobEventOf<'TaskScheduled'>['data'] }[] = [];
  await service.bus.subscribe({
    group: 'test',
    topics: [topics.jobs],
    handler: async ({ messages }) => {
      for (const { job_id, event } of messages.map(jobEventFrom))
        if (event.type === 'TaskScheduled') scheduled.push({ job_id, task: event.data });
    },
  });
  const post = (body: object, key = 'anna', headers = {}) =>
    service.call(
      '/api/jobs',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      },
      key,
    );
  const create = (url: string, more: object = {}, key = 'anna') => post({ source: { url }, ...more }, key);
  const created = async (path = '/a.mp4', more: object = {}, key = 'anna') => {
    const response = await create(web.url + path, more, key);
    const body = Object(await response.json());
    t.is(response.status, 201, JSON.stringify(body));
    return body;
  };
  const used = async (key = 'anna') => {
    const { used_bytes, reserved_bytes } = Object(await (await service.call('/api/usage', {}, key)).json());
    return [used_bytes, reserved_bytes];
  };
  const attempt = (job_id: string, epoch: number) => ({
    job_id,
    task_id: 'ingest',
    epoch,
    worker_id: WORKER,
    kind: 'ingest',
  });
  /** What a processor says of an attempt at fetching. */
  const report = (told: TaskReport) => service.bus.publish([reportMessage(told)]);
  const fetched = (job_id: string, size_bytes: number, epoch = 1) =>
    report({
      type: 'TaskSucceeded',
      data: {
        ...attempt(job_id, epoch),
        result: {
          kind: 'ingest',
          source: {
            key: `${attemptPrefix(job_id, 'ingest', epoch, WORKER)}source`,
            size_bytes,
            content_type: 'application/octet-stream',
          },
          sha256: 'a'.repeat(64),
        },
        commands: [],
        wall_ms: 1,
      },
    });
  const failed = (job_id: string, epoch = 1) =>
    report({
      type: 'TaskFailed',
      data: {
        ...attempt(job_id, epoch),
        error: { code: 'source_answer_refused', message: 'It is gone', retryable: false },
        commands: [],
      },
    });
  const usedBecomes = (...figures: number[]) =>
    until(`${figures} bytes are used`, async () => JSON.stringify(await used()) === JSON.stringify(figures));
  return { ...service, web, scheduled, post, create, created, used, usedBecomes, fetched, failed };
}

test('a job of a URL is accepted when there is a video; the room for it is kept; nothing is stored yet', async (t) => {
  let requests = 0;
  const { web, created, stored, scheduled, used, keys } = await open(t, (_, response) => {
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
  const { create, web, nothingStored, used } = await open(
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
  const { create, web, nothingStored, used } = await open(t, (request, response) => {
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

test('without a length all that the quota has left is kept, until the file is there', async (t) => {
  const { created, create, web, fetched, usedBecomes, used, scheduled } = await open(
    t,
    (request, response) => {
      if (request.url === '/announced') response.setHeader('content-length', VIDEO.length);
      chunked(response);
    },
  );
  await created('/announced');
  const { job_id, ...rest } = await created('/unannounced');
  t.false('size_bytes' in rest);
  t.deepEqual(await used(), [QUOTA, 0]);
  t.like(scheduled.at(-1), { task: { spec: { most_bytes: QUOTA - VIDEO.length } } });
  for (const path of ['/announced', '/unannounced'])
    await refused(t, await create(web.url + path), 413, 'quota_exceeded');

  await fetched(job_id, 30_000);
  await usedBecomes(VIDEO.length + 30_000, 0);
  t.like(scheduled.at(-1), { task: { task_id: 'inspect', spec: { source: { size_bytes: 30_000 } } } });
  await created('/announced');
  const unlimited = await created('/unannounced', {}, 'bert');
  t.is(scheduled.at(-1)?.job_id, unlimited.job_id);
  t.like(scheduled.at(-1), { task: { spec: { most_bytes: MOST_UPLOAD_BYTES } } });
});

test('20 parallel jobs against a quota for 5 admit 5', async (t) => {
  const { create, web, used } = await open(t, (_, response) => {
    response.setHeader('content-length', VIDEO.length);
    response.end(VIDEO);
  });
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(web.url)));
  const statuses = answers.map(({ status }) => status).sort();
  t.deepEqual(statuses, [...Array(5).fill(201), ...Array(15).fill(413)]);
  t.deepEqual(await used(), [QUOTA, 0]);
});

test('a fetch that fails gives its room back; a retry takes it again, if it is there', async (t) => {
  const { created, call, failed, fetched, usedBecomes, used, scheduled } = await open(t, (_, response) =>
    chunked(response),
  );
  const { job_id } = await created();
  const retry = () => call(`/api/jobs/${job_id}/retry`, { method: 'POST' });
  t.deepEqual(await used(), [QUOTA, 0]);
  await failed(job_id);
  await usedBecomes(0, 0);
  t.is((await retry()).status, 200);
  t.deepEqual(await used(), [QUOTA, 0]);
  t.like(scheduled.at(-1), { job_id, task: { task_id: 'ingest', epoch: 2, reason: 'job_retried' } });

  await failed(job_id, 2);
  await usedBecomes(0, 0);
  const other = await created();
  await fetched(other.job_id, 50_000);
  await usedBecomes(50_000, 0);
  await refused(t, await retry(), 413, 'quota_exceeded');
  await usedBecomes(50_000, 0);
  await call(`/api/jobs/${other.job_id}`, { method: 'DELETE' });
  await usedBecomes(0, 0);
  t.is((await retry()).status, 200);
  await fetched(job_id, 20_000, 3);
  await usedBecomes(20_000, 0);
});

test('a job that is cancelled or deleted while it fetches gives its room back', async (t) => {
  const { created, call, usedBecomes, used } = await open(t, (_, response) => chunked(response));
  const cancelled = await created();
  t.is((await call(`/api/jobs/${cancelled.job_id}/cancel`, { method: 'POST' })).status, 200);
  await usedBecomes(0, 0);
  const deleted = await created();
  t.deepEqual(await used(), [QUOTA, 0]);
  t.is((await call(`/api/jobs/${deleted.job_id}`, { method: 'DELETE' })).status, 200);
  await usedBecomes(0, 0);
});

test('the same Idempotency-Key makes one job, and asks the server once', async (t) => {
  let requests = 0;
  const { post, web, events } = await open(t, (_, response) => {
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
  const { created } = await open(t, (request, response) => {
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
