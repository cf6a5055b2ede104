import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { webServer } from '@transcodeflow/shared/net/testing/web-server.ts';
import { makeVideo } from '../../media/make-video.ts';
import { until } from '../../systems/until.ts';
import type { Journey, Journeys } from './journey.ts';
import { storedKeys } from './stored-keys.ts';

const CANCEL_MS = 2_000;

const ingestOf = (job: { tasks: { kind: string; status: string; attempts: number; progress: number }[] }) =>
  job.tasks.find(({ kind }) => kind === 'ingest');

const smallVideo = async ({ folder }: Journey) =>
  readFile(await makeVideo(join(folder, 'remote.mp4'), { seconds: 1, size: '320x240', silent: true }));

const create = ({ api }: Journey, url: string, more: object = {}) =>
  api.call('POST', '/api/jobs', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source: { url }, ...more }),
  });

const usedBytes = async ({ system }: Journey): Promise<number> => {
  const response = await fetch(new URL('/api/usage', system.commandUrl), {
    headers: { 'X-API-Key': system.apiKey },
  });
  return Object(await response.json()).used_bytes;
};

/** The first request is the one by which the system asks whether there is a video; the others are its processors'. */
const counted = (handlers: readonly RequestListener[]): RequestListener => {
  let requests = 0;
  return (request, response) => {
    const handler = handlers[Math.min(requests, handlers.length - 1)];
    requests += 1;
    handler?.(request, response);
  };
};

export const urlSources: Journeys = (name, test, journey) => {
  test(`${name}: a video at a URL is fetched, through a redirect, and becomes a package`, async (t) => {
    const here = journey();
    const video = await smallVideo(here);
    const before = await usedBytes(here);
    const web = await webServer(t, (request, response) => {
      if (request.url !== '/there') response.writeHead(302, { location: '/there' }).end();
      else
        response.writeHead(200, { 'content-disposition': 'attachment; filename="far away.mp4"' }).end(video);
    });
    const accepted = await create(here, web.url);
    t.like(accepted, { status: 201, body: { status: 'queued', filename: 'far away.mp4' } });
    const { job_id } = accepted.body;
    const job = await here.api.finished(job_id);
    t.is(job.status, 'completed', JSON.stringify(job.error));
    t.like(job.source, { url: web.url, size_bytes: video.length, media: { size_bytes: video.length } });
    t.like(ingestOf(job), { status: 'succeeded', attempts: 1, progress: 100 });
    const [key = ''] = await storedKeys(here.system.objects, `jobs/${job_id}/tasks/ingest/`);
    t.is((await here.system.objects.head(key))?.size, video.length);
    await until(
      'only the file itself is counted',
      () => usedBytes(here),
      (bytes) => bytes === before + video.length,
    );
  });

  test(`${name}: a server that dies half-way is asked again, and one that has lost the file is believed`, async (t) => {
    const here = journey();
    const video = await smallVideo(here);
    const before = await usedBytes(here);
    const whole: RequestListener = (_, response) => {
      response.setHeader('content-length', video.length);
      response.end(video);
    };
    const dies: RequestListener = (_, response) => {
      response.setHeader('content-length', video.length);
      response.write(video.subarray(0, video.length / 2), () => response.destroy());
    };
    const unsteady = await webServer(t, counted([whole, dies, whole]));
    const lost = await webServer(t, counted([whole, (_, response) => void response.writeHead(404).end()]));
    const [again, gone] = await Promise.all([create(here, unsteady.url), create(here, lost.url)]);

    const completed = await here.api.finished(again.body.job_id);
    t.is(completed.status, 'completed', JSON.stringify(completed.error));
    t.is(ingestOf(completed)?.attempts, 2);

    const failed = await here.api.finished(gone.body.job_id);
    t.like(failed, { status: 'failed', error: { code: 'source_answer_refused', task_id: 'ingest' } });
    t.regex(failed.error.message, /status 404/);
    t.is(ingestOf(failed)?.attempts, 1);
    await until(
      'the room for the lost one is given back',
      () => usedBytes(here),
      (bytes) => bytes === before + video.length,
    );
  });

  test(`${name}: I7: a job cancelled while it fetches lets go within ${CANCEL_MS} ms and leaves nothing`, async (t) => {
    const here = journey();
    const video = await smallVideo(here);
    const before = await usedBytes(here);
    const web = await webServer(t, (_, response) => {
      response.setHeader('content-length', 1_000_000);
      response.write(video);
    });
    const { job_id } = (await create(here, web.url)).body;
    await here.api.until(job_id, (job) => (ingestOf(job)?.progress ?? 0) > 0);
    t.is(await web.connections(), 1);
    const asked = Date.now();
    t.is((await here.api.call('POST', `/api/jobs/${job_id}/cancel`)).status, 200);
    await until(
      'the connection is closed',
      () => web.connections(),
      (open) => open === 0,
      CANCEL_MS - (Date.now() - asked),
    );
    await until(
      'nothing is stored',
      () => storedKeys(here.system.objects, `jobs/${job_id}/`),
      (keys) => keys.length === 0,
    );
    await until(
      'nothing is counted',
      () => usedBytes(here),
      (bytes) => bytes === before,
    );
  });

  test(`${name}: no URL leads inside`, async (t) => {
    const here = journey();
    for (const url of [
      'http://169.254.169.254/',
      'http://10.0.0.1/',
      'http://[::1]/',
      'http://[::ffff:10.0.0.1]/',
    ])
      t.like(await create(here, url), { status: 422, body: { code: 'invalid_fields' } });
  });
};
