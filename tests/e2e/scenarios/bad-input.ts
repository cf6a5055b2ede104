import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { makePicture, makeVideo } from '../../media/make-video.ts';
import type { SystemUnderTest } from '../../systems/system-under-test.ts';
import { until } from '../../systems/until.ts';
import type { Journeys } from './journey.ts';
import { storedKeys } from './stored-keys.ts';

/** Damaged videos to run through as well, as paths separated by colons. */
const DAMAGED = (process.env.E2E_DAMAGED_VIDEOS ?? '').split(':').filter(Boolean);

export const badInput: Journeys = (name, test, journey) => {
  test(`${name}: a JPEG is no video: 400, and nothing is stored`, async (t) => {
    const { api, folder, system } = journey();
    const before = await storedKeys(system.objects, '');
    const { status, body } = await api.upload(await makePicture(join(folder, 'photo.jpg')), {
      name: 'movie.mp4',
    });
    t.like({ ...body, status }, { status: 400, title: 'Invalid video format', code: 'invalid_video_format' });
    t.deepEqual(await storedKeys(system.objects, ''), before);
  });

  test(`${name}: a damaged video completes through the gate or fails with a sentence, and never sticks`, async (t) => {
    const { api, folder } = journey();
    const bytes = await readFile(await makeVideo(join(folder, 'whole.mkv'), { seconds: 4 }));
    bytes.fill(0xa5, Math.floor(bytes.length * 0.3), Math.floor(bytes.length * 0.4));
    const damaged = join(folder, 'damaged.mkv');
    await writeFile(damaged, bytes.subarray(0, Math.floor(bytes.length * 0.8)));
    for (const video of [damaged, ...DAMAGED]) {
      const { body } = await api.upload(video);
      const job = await api.finished(body.job_id);
      if (job.status === 'completed')
        t.true(Object.values(job.outputs).some((output) => (output as { available: boolean }).available));
      else t.regex(job.error.message, /^[A-Z][^{}]{10,}$/);
      t.log(`${video}: ${job.status}: ${job.error?.message ?? 'the gate passed'}`);
    }
  });

  test(`${name}: a client that hangs up in mid-upload leaves no object, no job and no quota held`, async (t) => {
    const { api, folder, system } = journey();
    const total = async () => (await api.call('GET', '/api/jobs/stats')).body.total_jobs;
    const usage = async () => (await api.call('GET', '/api/usage')).body;
    const before = { keys: await storedKeys(system.objects, ''), total: await total(), usage: await usage() };
    await hangUpInTheMiddle(
      system,
      await makeVideo(join(folder, 'hung-up.mp4'), { seconds: 20, size: '1280x720', silent: true }),
    );
    await until(
      'the store is as before',
      () => storedKeys(system.objects, ''),
      (keys) => keys.length === before.keys.length,
    );
    await until(
      'no bytes are held',
      usage,
      ({ reserved_bytes }) => reserved_bytes === before.usage.reserved_bytes,
    );
    t.deepEqual([await total(), await usage()], [before.total, before.usage]);
  });
};

/** Sends half of an upload and drops the connection. */
async function hangUpInTheMiddle({ commandUrl, apiKey }: SystemUnderTest, file: string): Promise<void> {
  const bytes = await readFile(file);
  const head =
    '--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\nContent-Type: video/mp4\r\n\r\n';
  await new Promise<void>((resolve) => {
    const upload = request(new URL('/api/upload', commandUrl), {
      method: 'POST',
      headers: {
        'X-API-Key': apiKey,
        'Content-Type': 'multipart/form-data; boundary=x',
        'Content-Length': head.length + bytes.length + 7,
      },
    });
    upload.on('error', () => resolve()).on('close', () => resolve());
    upload.write(head);
    upload.write(bytes.subarray(0, bytes.length / 2), () => upload.destroy());
  });
}
