import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import { cachedTrials, cacheFolder } from './probe-cache.ts';
import type { TrialResults } from './run-trials.ts';

const RESULTS: TrialResults = {
  usable: [{ kind: 'cuda', decode: true, decode10: true, encode: false, codecs: ['hevc'] }],
  tried: [
    { candidate: 'cuda', what: 'encode hevc' },
    { candidate: 'cuda', what: 'encode h264', reason: 'No capable devices found' },
  ],
  lasting: true,
};
const DAY_MS = 24 * 3_600_000;
const START = Date.parse('2030-01-01T00:00:00Z');

/** An ffmpeg on a machine, whose probes are counted. */
async function machine(t: ExecutionContext, results = RESULTS) {
  const root = await mkdtemp(join(tmpdir(), 'probe-cache-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const ffmpeg = join(root, 'ffmpeg');
  await writeFile(ffmpeg, 'binary');
  const none = new Set<string>();
  const tools: MediaTools = {
    ffmpeg,
    ffprobe: '',
    version: '7.0',
    origin: 'test',
    encoders: none,
    filters: none,
    muxers: none,
  };
  const folder = join(root, 'cache');
  let probes = 0;
  const ask = async ({
    at = START,
    refresh = false,
    devices = ['driver 550'],
    changes = {},
    into = folder,
  }: {
    at?: number;
    refresh?: boolean;
    devices?: string[];
    changes?: Partial<MediaTools>;
    into?: string;
  } = {}) => {
    const options = { folder: into, refresh, now: () => new Date(at), devices: async () => devices };
    return cachedTrials({ ...tools, ...changes }, options, async () => {
      probes += 1;
      return results;
    });
  };
  return { ask, folder, ffmpeg, probes: () => probes };
}

test('a second probe of the same ffmpeg on the same devices runs nothing, and says when the first one did', async (t) => {
  const { ask, probes } = await machine(t);
  t.deepEqual(await ask(), RESULTS);
  t.deepEqual(await ask({ at: START + DAY_MS - 1 }), { ...RESULTS, cached_from: '2030-01-01T00:00:00.000Z' });
  t.is(probes(), 1);
});

for (const [what, change] of Object.entries({
  'another ffmpeg version': { changes: { version: '7.1' } },
  'another driver': { devices: ['driver 560'] },
  'another device': { devices: ['driver 550', 'renderD128'] },
  'a day later': { at: START + DAY_MS },
  'a clock set back': { at: START - 1 },
  'a refresh': { refresh: true },
}))
  test(`${what} is probed anew`, async (t) => {
    const { ask, probes } = await machine(t);
    await ask();
    t.deepEqual(await ask(change), RESULTS);
    t.is(probes(), 2);
  });

test('another build at the same place is probed anew, by its size and by its time', async (t) => {
  const { ask, ffmpeg, probes } = await machine(t);
  await ask();
  await utimes(ffmpeg, 1_000, 1_000);
  await ask();
  t.is(probes(), 2);
  await writeFile(ffmpeg, 'another binary');
  await utimes(ffmpeg, 1_000, 1_000);
  await ask();
  t.is(probes(), 3);
});

for (const [what, content] of Object.entries({
  'cut off': '{"identity":"',
  empty: '',
  'of another form': '{"usable":[{"kind":"abacus"}]}',
}))
  test(`a cache file that is ${what} is no error, and replaced`, async (t) => {
    const { ask, folder, probes } = await machine(t);
    await ask();
    const [name = ''] = await readdir(folder);
    await writeFile(join(folder, name), content);
    t.deepEqual(await ask(), RESULTS);
    await ask();
    t.is(probes(), 2);
    t.is((await readdir(folder)).length, 1);
  });

test('a folder that cannot be written costs another probe, no more', async (t) => {
  const { ask, ffmpeg, probes } = await machine(t);
  const into = join(ffmpeg, 'not a folder');
  t.deepEqual(await ask({ into }), RESULTS);
  t.deepEqual(await ask({ into }), RESULTS);
  t.is(probes(), 2);
});

test('what failed for want of a session or of an answer is not kept', async (t) => {
  const { ask, folder, probes } = await machine(t, { ...RESULTS, lasting: false });
  await ask();
  await ask();
  t.is(probes(), 2);
  t.deepEqual(await readdir(folder).catch(() => []), []);
});

test('the cache lies in the work folder, else where XDG says', (t) => {
  t.is(cacheFolder({ WORK_DIR: '/srv/scratch', XDG_CACHE_HOME: '/caches' }), '/srv/scratch/cache');
  t.is(cacheFolder({ XDG_CACHE_HOME: '/caches' }), '/caches/transcodeflow');
  t.regex(cacheFolder({}), /\.cache\/transcodeflow$/);
});
