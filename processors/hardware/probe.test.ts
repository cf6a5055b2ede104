import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { findMediaTools } from '../ffmpeg/find-media-tools.ts';
import type { Step } from '../ffmpeg/testing/fake-ffmpeg.ts';
import { scenes } from '../ffmpeg/testing/hardware-scenes.ts';
import { installFakeFfmpeg } from '../ffmpeg/testing/install-fake-ffmpeg.ts';
import { hardwareMode } from './hardware-mode.ts';
import { probeHardware } from './probe.ts';

const tools = await findMediaTools();

/** An ffmpeg with one family of encoders alone, so that the fake plays every trial but the samples. */
async function probeWith(t: ExecutionContext, scene: readonly Step[], suffix = '_nvenc') {
  const folder = await mkdtemp(join(tmpdir(), 'probe-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const fake = await installFakeFfmpeg(folder, tools, suffix, scene);
  const encoders = new Set(['libx264', `h264${suffix}`]);
  const cache = { folder: join(folder, 'cache'), devices: async () => [] };
  return {
    fake,
    probe: (mode: 'auto' | 'required' = 'auto') =>
      probeHardware({ ...fake.tools, encoders, filters: new Set() }, mode, { cache }),
    cached: () => readdir(cache.folder).catch(() => []),
  };
}

/** A list of frames, as trials print it. */
const works: Step[] = [{ do: 'print', text: '#codec_id 0: h264\n0, 0, 0, 1, 3110, 0x1\n' }];

test('every candidate is either usable or rejected with a reason', async (t) => {
  const { usable, rejected, tried = [], mode } = await probeHardware(tools, 'auto');
  t.is(mode, 'auto');
  t.true(tried.length > 0 || !tools.encoders.has('h264_nvenc'));
  t.is(tried.filter(({ reason }) => reason !== undefined).length, rejected.length);
  t.true(
    usable.every(
      ({ encode, decode, decode10, codecs = [] }) => encode || decode || decode10 || codecs.length,
    ),
  );
  t.true(rejected.every(({ candidate, reason }) => candidate !== '' && reason !== ''));
});

test('required without anything usable fails at start and says why', async (t) => {
  const bare = { ...tools, encoders: new Set(['libx264']), filters: new Set<string>() };
  await t.throwsAsync(probeHardware(bare, 'required'), {
    message: /HARDWARE=required, but nothing accelerates here \(this ffmpeg has no hardware encoder\)/,
  });
});

test('a device that is not there is rejected in ffmpeg’s words', async (t) => {
  const { probe, cached } = await probeWith(t, scenes['has no device']);
  t.like(await probe(), {
    usable: [],
    tried: [{ candidate: 'cuda', what: 'encode h264', reason: 'Cannot load libcuda.so.1' }],
  });
  t.is((await cached()).length, 1);
});

test('a trial that somebody killed proves nothing for long', async (t) => {
  const { probe, cached } = await probeWith(t, scenes['dies half-way']);
  const { usable, tried = [] } = await probe();
  t.deepEqual(usable, []);
  t.regex(tried[0]?.reason ?? '', /ended by SIGKILL/);
  t.deepEqual(await cached(), []);
});

test('an encoder that works is usable; that no frame comes out is no success', async (t) => {
  const { probe, fake } = await probeWith(t, works);
  t.like(await probe(), {
    usable: [{ kind: 'cuda', encode: true, decode: false, codecs: ['h264'] }],
    rejected: [],
  });
  t.is((await fake.runs()).length, 1);
  const silent = await probeWith(t, scenes['succeeds without a file']);
  t.like(await silent.probe(), { usable: [], rejected: [{ reason: 'no frame came out' }] });
});

test('a cap is used where a trial shows that it holds', async (t) => {
  const { probe, fake } = await probeWith(t, works, '_qsv');
  const [found] = (await probe()).usable;
  t.like(found, { kind: 'qsv', codecs: ['h264'] });
  t.is(found?.capped, undefined);
  t.is((await fake.runs()).length, 2);
  const kept = await probeWith(t, [{ do: 'print', text: '0, 0, 0, 1, 1110, 0x1\n'.repeat(150) }], '_qsv');
  t.like(await kept.probe(), { usable: [{ kind: 'qsv', capped: ['h264'] }], rejected: [] });
  t.like(await kept.probe(), { usable: [{ kind: 'qsv', capped: ['h264'] }] }, 'from the cache, too');
});

test('whether a cap holds is not tried of what cannot encode', async (t) => {
  const { probe, fake } = await probeWith(t, scenes['has no device'], '_qsv');
  t.deepEqual(
    (await probe()).tried?.map(({ what }) => what),
    ['encode h264'],
  );
  t.is((await fake.runs()).length, 1);
});

test('an encoder whose sessions are all taken is asked again at the next start', async (t) => {
  const { probe, cached, fake } = await probeWith(t, scenes['has no free session']);
  t.like(await probe(), { usable: [] });
  t.deepEqual(await cached(), []);
  await fake.plays(works);
  t.like(await probe(), { usable: [{ kind: 'cuda' }] });
});

test('required asks again for what was missing, whatever is cached', async (t) => {
  const { probe, fake } = await probeWith(t, scenes['has no device']);
  await probe();
  await fake.plays(works);
  t.like(await probe(), { usable: [] });
  t.like(await probe('required'), { usable: [{ kind: 'cuda' }] });
  t.like(await probe(), { usable: [{ kind: 'cuda' }] });
  t.is((await fake.runs()).length, 2);
});

test('off runs nothing', async (t) => {
  t.deepEqual(await probeHardware({ ...tools, ffmpeg: '/nowhere' }, 'off'), {
    mode: 'off',
    usable: [],
    rejected: [],
  });
});

test('HARDWARE takes three values', (t) => {
  t.is(hardwareMode({}), 'auto');
  t.is(hardwareMode({ HARDWARE: 'off' }), 'off');
  t.throws(() => hardwareMode({ HARDWARE: 'gpu' }), { message: /none of auto, required, off/ });
});
