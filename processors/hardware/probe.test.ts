import test from 'ava';
import { findMediaTools } from '../ffmpeg/find-media-tools.ts';
import { hardwareMode } from './hardware-mode.ts';
import { probeHardware } from './probe.ts';

const tools = await findMediaTools();

test('every candidate is either usable or rejected with a reason', async (t) => {
  const { usable, rejected, mode } = await probeHardware(tools, 'auto');
  t.is(mode, 'auto');
  t.true(usable.length + rejected.length > 0 || !tools.encoders.has('h264_nvenc'));
  t.true(usable.every(({ encode, decode }) => encode || decode));
  t.true(rejected.every(({ candidate, reason }) => candidate !== '' && reason !== ''));
});

test('required without anything usable fails at start and says why', async (t) => {
  const bare = { ...tools, encoders: new Set(['libx264']), filters: new Set<string>() };
  await t.throwsAsync(probeHardware(bare, 'required'), {
    message: /HARDWARE=required, but nothing accelerates here/,
  });
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
