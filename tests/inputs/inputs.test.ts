import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type Answer, type Api, createApi } from '../systems/api.ts';
import { type EmbeddedSystem, startEmbedded } from '../systems/embedded.ts';
import { checkPackage } from './check-package.ts';
import { type MakeMedia, openMediaMaker } from './make-media.ts';
import { inputs } from './table.ts';

/** `INPUTS=rotation,GIF`: only inputs whose name has one of these words in it. */
const wanted = (process.env.INPUTS ?? '').split(',').filter(Boolean);
const chosen = inputs.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));

let world: { folder: string; media: MakeMedia; system: EmbeddedSystem; api: Api } | undefined;
const answers = new Map<string, Answer>();

test.serial.before(
  'the system starts, and every input is made and uploaded: its slots take them in turn',
  async (t) => {
    t.timeout(300_000);
    const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-inputs-'));
    const system = await startEmbedded();
    world = { folder, media: await openMediaMaker(folder), system, api: createApi(system) };
    for (const { name, file, make, options } of chosen.filter(({ missing }) => !missing)) {
      await make(world.media, file);
      answers.set(name, await world.api.upload(world.media.path(file), { options }));
    }
  },
);

test.serial.after.always('the system stops', async () => {
  await world?.system.close();
  if (world) await rm(world.folder, { recursive: true, force: true });
});

for (const { name, gives, missing } of chosen) {
  if (missing) {
    test.serial.skip(`${name}: ${missing}`, (t) => t.fail());
    continue;
  }
  test.serial(name, async (t) => {
    const answer = answers.get(name);
    if (!world || !answer) throw new Error('It was not uploaded');
    if ('refused' in gives) {
      t.like({ ...answer.body, status: answer.status }, { status: 400, code: gives.refused });
      return;
    }
    t.is(answer.status, 200, JSON.stringify(answer.body));
    const job = await world.api.finished(answer.body.job_id);
    if ('failed' in gives) {
      t.is(job.status, 'failed');
      t.is(job.error.code, gives.failed);
      t.regex(job.error.message, gives.because);
      return;
    }
    t.is(job.status, 'completed', JSON.stringify(job.error));
    await checkPackage(t, world.api, job, gives, world.folder);
  });
}
