import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openS3Store } from '@transcodeflow/shared/objects/s3-store.ts';
import test from 'ava';
import { storedKeys } from '../e2e/scenarios/stored-keys.ts';
import { makeVideo } from '../media/make-video.ts';
import { type Answer, createApi } from '../systems/api.ts';
import { startChild } from '../systems/child-service.ts';
import { freePort } from '../systems/free-port.ts';
import { startInfrastructure } from '../systems/infrastructure.ts';
import { type Supervised, supervise } from '../systems/supervised.ts';
import { until } from '../systems/until.ts';

/** The full run is 200 jobs under two minutes of kills; a shorter one shows the same on a small machine. */
const JOBS = Number(process.env.CHAOS_JOBS ?? 40);
const SECONDS = Number(process.env.CHAOS_SECONDS ?? 45);
const API_KEY = 'random-kills-key-for-the-tests';
const ENDS = ['completed', 'failed', 'cancelled'];

test(`whatever is killed, at random and together: of ${JOBS} jobs none is lost, doubled or stuck`, async (t) => {
  t.timeout(20 * 60_000);
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-chaos-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const video = await makeVideo(join(folder, 'tiny.mp4'), { seconds: 0.4, size: '64x64', silent: true });
  const infrastructure = await startInfrastructure();
  t.teardown(() => infrastructure.close());
  const [commandPort, queryPort] = [await freePort(), await freePort()];
  const env = {
    ...infrastructure.env,
    BOOTSTRAP_API_KEY: API_KEY,
    SECRET_KEY: 'a-secret-of-more-than-32-characters!',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
  };
  const service = (name: string, port = 0) =>
    supervise(name, `${name}/main.ts`, { ...env, PORT: String(port) });
  const services: Supervised[] = [
    service('projections'),
    service('command-service', commandPort),
    service('query-service', queryPort),
    service('processors'),
    service('processors'),
  ];
  t.teardown(() => Promise.all(services.map((one) => one.stop())));
  const api = createApi({
    commandUrl: `http://127.0.0.1:${commandPort}`,
    queryUrl: `http://127.0.0.1:${queryPort}`,
    apiKey: API_KEY,
  });
  const isUp = () =>
    api.call('GET', '/api/jobs/stats').then(
      ({ status }) => status === 200,
      () => false,
    );
  await until('the system is up', isUp, Boolean, 120_000);

  const kills = new Map<string, number>();
  const victims = [
    ...services.map((one) => ({ name: one.name, kill: async () => one.kill() })),
    ...(['kafka', 'postgres', 'redis', 'minio'] as const).map((name) => ({
      name,
      kill: async () => {
        await infrastructure[name].kill();
        await sleep(500);
        await infrastructure[name].start();
      },
    })),
  ];
  const killing = (async () => {
    for (const end = Date.now() + SECONDS * 1000; Date.now() < end; ) {
      const count = Math.random() < 0.25 ? 2 : 1;
      const chosen = victims.toSorted(() => Math.random() - 0.5).slice(0, count);
      await Promise.all(chosen.map((victim) => victim.kill()));
      for (const { name } of chosen) kills.set(name, (kills.get(name) ?? 0) + 1);
      await sleep(1_000 + Math.random() * 4_000);
    }
  })();

  // A client that tries again with its key until it is answered: then the job is accepted.
  const accepted: string[] = [];
  const submit = async (index: number) => {
    const key = { 'Idempotency-Key': `chaos-${index}` };
    const { body } = await until(
      `upload ${index} is answered`,
      () => api.upload(video, { headers: key }).catch((error) => ({ status: 0, body: String(error) })),
      ({ status }) => status === 200,
      10 * 60_000,
    );
    accepted.push(body.job_id);
    if (index % 10 === 0) await api.call('POST', `/api/jobs/${body.job_id}/cancel`).catch(() => undefined);
  };
  for (let index = 0; index < JOBS; index += 4)
    await Promise.all([0, 1, 2, 3].map((offset) => submit(index + offset)));
  await killing;
  t.is(new Set(accepted).size, JOBS, 'one job for each upload');

  const look = (job_id: string): Promise<Pick<Answer, 'status' | 'body'>> =>
    api.call('GET', `/api/jobs/${job_id}`).catch((error) => ({ status: 0, body: { status: String(error) } }));
  const hasEnded = ({ status, body }: Pick<Answer, 'status' | 'body'>) =>
    status === 200 && ENDS.includes(body.status);
  const jobs: Pick<Answer, 'status' | 'body'>[] = [];
  for (const job_id of accepted)
    jobs.push(await until(`job ${job_id} ends`, () => look(job_id), hasEnded, 600_000));
  const count = (status: string) => jobs.filter(({ body }) => body.status === status).length;
  const figures = ENDS.map((status) => `${count(status)} ${status}`).join(', ');
  const killed = [...kills].map(([name, times]) => `${name} ${times}`).join(', ');
  t.log(`${JOBS} accepted = ${figures}; killed: ${killed}`);
  t.is(count('completed') + count('failed') + count('cancelled'), JOBS);
  for (const { body } of jobs) if (body.status === 'failed') t.truthy(body.error.message);

  for (const { body } of jobs) {
    const events: { type: string }[] = (await api.call('GET', `/api/jobs/${body.job_id}/events`)).body.events;
    const ends = events.filter(({ type }) => ['JobCompleted', 'JobFailed', 'JobCancelled'].includes(type));
    t.is(ends.length, 1, `job ${body.job_id} ended once: ${events.map(({ type }) => type)}`);
  }
  const { S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY, S3_BUCKET } = infrastructure.env;
  const objects = await openS3Store({
    endpoint: S3_ENDPOINT,
    accessKey: S3_ACCESS_KEY,
    secretKey: S3_SECRET_KEY,
    bucket: S3_BUCKET,
  });
  t.teardown(() => objects.close());
  const known = new Set(accepted);
  const nameless = await until(
    'every object is named by a job',
    async () => namelessObjects(await storedKeys(objects, 'jobs/'), known),
    (keys) => keys.length === 0,
    60_000,
  );
  t.deepEqual(nameless, []);
  const verify = startChild('projections/cli.ts', infrastructure.env, ['verify']);
  t.is(await verify.exited, 0, verify.output());
});

/** Objects of no accepted job, and those of any attempt beside the one of its task that was accepted. */
function namelessObjects(keys: readonly string[], jobs: ReadonlySet<string>): string[] {
  const attempts = new Map<string, string>();
  return keys.filter((key) => {
    const [, job = '', , task, attempt] = key.split('/');
    if (!jobs.has(job)) return true;
    if (task === undefined || attempt === undefined) return false;
    const named = attempts.get(`${job}/${task}`) ?? attempt;
    attempts.set(`${job}/${task}`, named);
    return named !== attempt;
  });
}
