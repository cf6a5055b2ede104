import { join } from 'node:path';
import { makeVideo } from '../../media/make-video.ts';
import { ffmpegBelow } from '../../systems/ffmpeg-processes.ts';
import { until } from '../../systems/until.ts';
import { isEncoding } from './is-encoding.ts';
import type { Journeys } from './journey.ts';
import { storedKeys } from './stored-keys.ts';

/** The promise of the contract: a cancelled job's ffmpeg is gone within this time. */
const CANCEL_MS = 2_000;

export const changes: Journeys = (name, test, journey) => {
  test(`${name}: I7: a job cancelled in the middle stops within ${CANCEL_MS} ms and leaves no partial objects`, async (t) => {
    const { api, folder, system } = journey();
    const video = await makeVideo(join(folder, 'long.mp4'), { seconds: 60, size: '1280x720', rate: 30 });
    const { job_id } = (await api.upload(video)).body;
    await api.until(job_id, isEncoding);
    t.true((await ffmpegBelow(system.processorPid())).length > 0);
    const asked = Date.now();
    const cancel = await api.call('POST', `/api/jobs/${job_id}/cancel`);
    t.like(cancel, { status: 200, body: { status: 'cancelled' } });
    await until(
      'no ffmpeg runs',
      () => ffmpegBelow(system.processorPid()),
      (pids) => pids.length === 0,
      CANCEL_MS - (Date.now() - asked),
    );
    t.log(`cancelled and gone after ${Date.now() - asked} ms`);
    t.is((await api.call('GET', `/api/jobs/${job_id}`)).body.status, 'cancelled');
    const keys = await until(
      'only the source is left',
      () => storedKeys(system.objects, `jobs/${job_id}/`),
      (left) => left.length === 1,
    );
    t.deepEqual(keys, [`jobs/${job_id}/source`]);
    t.is((await api.call('POST', `/api/jobs/${job_id}/cancel`)).status, 400);
  });

  test(`${name}: a deleted job is gone with all its objects`, async (t) => {
    const { api, folder, system } = journey();
    const { job_id } = (
      await api.upload(await makeVideo(join(folder, 'gone.mp4'), { seconds: 1, silent: true }))
    ).body;
    await api.finished(job_id);
    t.like(await api.call('DELETE', `/api/jobs/${job_id}`), { status: 200, body: { deleted: true } });
    t.is((await api.call('GET', `/api/jobs/${job_id}`)).status, 404);
    await until(
      'its objects are gone',
      () => storedKeys(system.objects, `jobs/${job_id}/`),
      (left) => left.length === 0,
    );
    t.is((await api.call('DELETE', `/api/jobs/${job_id}`)).status, 404);
  });

  test(`${name}: I8: a client that was answered never reads older`, async (t) => {
    const { api, folder } = journey();
    const video = await makeVideo(join(folder, 'again.mp4'), { seconds: 1, size: '320x240', silent: true });
    for (let round = 0; round < 5; round += 1) {
      const { job_id } = (await api.upload(video)).body;
      t.is((await api.call('GET', `/api/jobs/${job_id}`)).status, 200);
      t.is((await api.call('POST', `/api/jobs/${job_id}/cancel`)).status, 200);
      t.is((await api.call('GET', `/api/jobs/${job_id}`)).body.status, 'cancelled');
    }
  });
};
