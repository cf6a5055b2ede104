import test from 'ava';
import { findMediaTools } from '../ffmpeg/find-media-tools.ts';
import { candidates } from './candidates.ts';

const tools = {
  ...(await findMediaTools()),
  encoders: new Set(['h264_nvenc', 'av1_nvenc', 'h264_qsv', 'av1_vaapi']),
  filters: new Set(['scale_cuda', 'scale_qsv']),
};
const samples = { h264: 'sample.mp4', hevc10: 'sample10.mp4' };
const found = async (gpus: number) => candidates(tools, samples, Promise.resolve(gpus));

test('one NVIDIA GPU, or none that can be seen, is tried as the default one', async (t) => {
  for (const gpus of [0, 1]) {
    const cuda = (await found(gpus)).filter(({ kind }) => kind === 'cuda');
    t.deepEqual(
      cuda.map(({ label, device }) => ({ label, device })),
      [{ label: 'cuda', device: undefined }],
    );
    t.false(cuda[0]?.trials.some(({ args }) => args.includes('-gpu')));
  }
});

test('each of several NVIDIA GPUs is tried by itself', async (t) => {
  const [first, second] = (await found(2)).filter(({ kind }) => kind === 'cuda');
  t.deepEqual([first?.label, first?.device, second?.label, second?.device], ['cuda 0', '0', 'cuda 1', '1']);
  const args = (second?.trials ?? []).map((trial) => trial.args.join(' '));
  t.is(args.length, 4);
  t.true(args.slice(0, 2).every((line) => line.includes(' -gpu 1 ')));
  t.true(args.slice(2).every((line) => line.startsWith('-hwaccel_device 1 -hwaccel cuda ')));
});

test('QSV is tried as a decoder too, where ffmpeg has its scaler', async (t) => {
  const qsv = (await found(0)).find(({ kind }) => kind === 'qsv');
  t.deepEqual(
    qsv?.trials.map(({ what }) => what),
    ['encode h264', 'keep h264 below a cap', 'decode h264 and scale', 'decode 10-bit hevc and scale'],
  );
  t.regex(
    qsv?.trials[2]?.args.join(' ') ?? '',
    /-hwaccel qsv -hwaccel_output_format qsv -i sample.mp4 -vf scale_qsv=160:120:format=nv12,hwdownload/,
  );
});
