import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Upload } from 'tus-js-client';
import { makeVideo } from '../../media/make-video.ts';
import type { Journey, Journeys } from './journey.ts';
import { storedKeys } from './stored-keys.ts';

const smallVideo = async ({ folder }: Journey, name: string) =>
  readFile(await makeVideo(join(folder, name), { seconds: 1, size: '320x240', silent: true }));

const createJob = ({ api }: Journey, upload_id: string) =>
  api.call('POST', '/api/jobs', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source: { upload_id } }),
  });

/** As any tus client does, in pieces. @returns the id of the upload */
const sendByTus = ({ system }: Journey, video: Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    const upload: Upload = new Upload(video, {
      endpoint: new URL('/api/uploads', system.commandUrl).href,
      headers: { 'X-API-Key': system.apiKey },
      metadata: { filename: 'by tus.mp4' },
      chunkSize: Math.ceil(video.length / 3),
      onError: reject,
      onSuccess: () => resolve(upload.url?.split('/').at(-1) ?? ''),
    });
    upload.start();
  });

/** Uploads that come before their job. */
export const uploadJourneys: Journeys = (name, test, journey) => {
  test(`${name}: a resumable upload becomes a package`, async (t) => {
    const here = journey();
    const video = await smallVideo(here, 'resumable.mp4');
    const accepted = await createJob(here, await sendByTus(here, video));
    t.like(accepted, { status: 201, body: { filename: 'by tus.mp4', size_bytes: video.length } });
    const { job_id } = accepted.body;
    const job = await here.api.finished(job_id);
    t.is(job.status, 'completed', JSON.stringify(job.error));
    t.is((await here.system.objects.head(`jobs/${job_id}/source`))?.size, video.length);
    t.is((await here.api.call('DELETE', `/api/jobs/${job_id}`)).status, 200);
  });

  test(`${name}: what a tus server tells and refuses is documented, and an ended upload leaves nothing`, async (t) => {
    const here = journey();
    const { api, system } = here;
    const before = await storedKeys(system.objects, '');
    const tus = (method: string, path: string, headers: Record<string, string>, body?: Buffer<ArrayBuffer>) =>
      api.call(method, path, {
        headers: { 'Tus-Resumable': '1.0.0', ...headers },
        ...(body ? { body } : {}),
      });
    t.is((await tus('OPTIONS', '/api/uploads', {})).status, 204);
    const created = await tus('POST', '/api/uploads', { 'Upload-Length': '6000000' });
    t.is(created.status, 201);
    const path = created.headers.get('location') ?? '';
    const chunk = { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': '0' };
    t.is((await tus('PATCH', path, chunk, Buffer.alloc(5_500_000))).status, 204);
    t.is((await tus('PATCH', path, chunk, Buffer.alloc(10))).status, 409);
    t.is(
      (await tus('PATCH', path, { ...chunk, 'Upload-Checksum': 'sha1 AAAA' }, Buffer.alloc(10))).status,
      460,
    );
    t.is((await createJob(here, path.split('/').at(-1) ?? '')).status, 409);
    t.is((await tus('DELETE', path, {})).status, 204);
    const after = await storedKeys(system.objects, '');
    t.deepEqual(
      after.filter((key) => !before.includes(key)),
      [],
    );
    // What goes meanwhile is of jobs that were deleted before.
    const gone = new Set(before.filter((key) => !after.includes(key)).map((key) => key.split('/')[1]));
    for (const job of gone) t.is((await api.call('GET', `/api/jobs/${job}`)).status, 404, job);
  });

  test(`${name}: a presigned upload goes to the store itself, where clients can reach it`, async (t) => {
    const here = journey();
    const video = await smallVideo(here, 'presigned.mp4');
    const asked = await here.api.call('POST', '/api/uploads/presigned', {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ filename: 'straight.mp4', size_bytes: video.length }),
    });
    if (asked.status === 400) return t.is(asked.body.code, 'not_supported');
    const { url, headers, upload_id } = asked.body;
    t.is((await fetch(url, { method: 'PUT', headers, body: video })).status, 200);
    const { body } = await createJob(here, upload_id);
    const job = await here.api.finished(body.job_id);
    t.is(job.status, 'completed', JSON.stringify(job.error));
    return t.is(job.filename, 'straight.mp4');
  });
};
