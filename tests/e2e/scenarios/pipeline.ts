import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makePicture, makeVideo } from '../../media/make-video.ts';
import { until } from '../../systems/until.ts';
import type { Journeys } from './journey.ts';
import { checkFullPackage } from './outputs.ts';

const SAMPLE = fileURLToPath(new URL('../../../samples/bunny-with-reading.mp4', import.meta.url));
const SPOKEN = [/John Dashwood/i, /leisure/i, /cold-hearted/i, /amiable/i, /respectable/i];
/** More videos of at least 720p with sound to run through, as paths separated by colons. */
const EXTRA = (process.env.E2E_EXTRA_VIDEOS ?? '').split(':').filter(Boolean);

interface HistoryEvent {
  type: string;
  revision: number;
  data: { kind?: string; commands?: string[][] };
}

export const packages: Journeys = (name, test, journey) => {
  test(`${name}: a video with speech becomes a complete package`, async (t) => {
    const { api } = journey();
    const { status, body } = await api.upload(SAMPLE);
    t.is(status, 200, JSON.stringify(body));
    t.like(body, { status: 'queued', filename: basename(SAMPLE) });
    const job = await api.finished(body.job_id);
    const text = await checkFullPackage(t, api, job);
    for (const words of SPOKEN) t.regex(text ?? '', words);

    const history: HistoryEvent[] = (await api.call('GET', `/api/jobs/${job.job_id}/events`)).body.events;
    t.is(history[0]?.type, 'JobRequested');
    t.is(history.at(-1)?.type, 'JobCompleted');
    t.deepEqual(
      history.map(({ revision }) => revision),
      history.map((_, index) => index + 1),
    );
    const encoded = history.find(({ type, data }) => type === 'TaskSucceeded' && data.kind === 'encode');
    t.true(encoded?.data.commands?.flat().includes('libx264'), 'the exact ffmpeg arguments are on record');
  });

  for (const video of EXTRA)
    test(`${name}: ${basename(video)} becomes a complete package`, async (t) => {
      const { api } = journey();
      const { body } = await api.upload(video);
      await checkFullPackage(t, api, await api.finished(body.job_id));
    });

  test(`${name}: a custom thumbnail takes the place of the frame`, async (t) => {
    const { api, folder } = journey();
    const video = await makeVideo(join(folder, 'short.mp4'), { seconds: 1 });
    const { body } = await api.upload(video, {
      thumbnail: await makePicture(join(folder, 'cover.png'), '640x480'),
    });
    const { outputs, status } = await api.finished(body.job_id);
    t.is(status, 'completed');
    t.like(outputs.thumbnail, { available: true, custom: true, width: 640, height: 480 });
  });

  test(`${name}: what the source cannot have is unavailable with the reason, and the job completes`, async (t) => {
    const { api, folder } = journey();
    const { body } = await api.upload(
      await makeVideo(join(folder, 'silent.mp4'), { silent: true, size: '854x480', seconds: 1 }),
    );
    const { outputs, status } = await api.finished(body.job_id);
    t.is(status, 'completed');
    t.is(outputs['360p'].available, true);
    t.regex(outputs['720p'].reason, /never scaled up/);
    t.regex(outputs.audio.reason, /no audio/);
    t.regex(outputs.transcription.reason, /no audio/);
  });

  test(`${name}: ten jobs in parallel all complete, and stats and list count them`, async (t) => {
    const { api, folder } = journey();
    const before = (await api.call('GET', '/api/jobs/stats')).body;
    const video = await makeVideo(join(folder, 'tiny.mp4'), { seconds: 1, size: '320x240' });
    const uploads = await Promise.all(Array.from({ length: 10 }, () => api.upload(video)));
    const jobs = await Promise.all(uploads.map(({ body }) => api.finished(body.job_id)));
    t.deepEqual(
      jobs.map(({ status }) => status),
      Array(10).fill('completed'),
    );
    const ids: string[] = jobs.map(({ job_id }) => job_id).sort();
    t.is(new Set(ids).size, 10);
    const { body: after } = await until(
      'the stats count the ten jobs',
      () => api.call('GET', '/api/jobs/stats'),
      // Jobs of before may have been on their way.
      ({ body: { status_breakdown: by } }) =>
        by.queued + by.processing === 0 && by.completed >= before.status_breakdown.completed + 10,
    );
    t.is(after.total_jobs, before.total_jobs + 10);
    const { body: page } = await api.call('GET', '/api/jobs?status=completed&per_page=10&page=1');
    t.deepEqual(page.jobs.map(({ job_id }: { job_id: string }) => job_id).sort(), ids);
    t.is(page.total_pages, Math.ceil(page.total / 10));
  });
};
