import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { findMediaTools } from '../ffmpeg/find-media-tools.ts';
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import { cappedTrial, flaw } from './capped-trial.ts';

const tools = await findMediaTools();
const LIST = ['-f', 'framecrc', 'pipe:1'];
const trial = cappedTrial({ kind: 'qsv' }, 'h264', [[], ['-pix_fmt', 'nv12'], LIST]);

/** What x264 makes of the trial's picture with these options in the device's place. */
async function sizes(...options: string[]): Promise<number[]> {
  const cwd = await mkdtemp(join(tmpdir(), 'capped-'));
  try {
    const input = trial.args.slice(0, trial.args.indexOf('-pix_fmt'));
    const args = [...input, '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast'];
    const signal = new AbortController().signal;
    const { stdout } = await runFfmpeg(tools, [...args, ...options, ...LIST], { cwd, signal });
    const frames = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return frames.map((line) => Number(line.split(',')[4]));
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

test('an encoder that keeps noise below the cap and spends little on a still picture will do', async (t) => {
  t.is(flaw(await sizes('-crf', '23', '-maxrate', '1M', '-bufsize', '2M')), undefined);
});

test('one that ignores the cap will not, nor one that fills up to a rate', async (t) => {
  t.regex(flaw(await sizes('-crf', '23')) ?? '', /^\d+ kbit\/s where at most 1000 kbit\/s were asked for$/);
  const filled = await sizes('-b:v', '1M', '-maxrate', '1M', '-bufsize', '1M', '-x264-params', 'nal-hrd=cbr');
  t.regex(flaw(filled) ?? '', /^\d+ kbit\/s for a still picture$/);
});

test('frames that are missing or have no size will not do', (t) => {
  t.is(flaw([1000]), '1 frames of 150 came out');
  t.truthy(flaw(Array.from({ length: 150 }, () => Number.NaN)));
});

test('a device is tried with the options of its plans', (t) => {
  t.is(
    trial.args.slice(trial.args.indexOf('-c:v:0')).join(' '),
    '-c:v:0 h264_qsv -preset:v:0 medium -global_quality:v:0 23 -b:v:0 750000 -maxrate:v:0 1000000 ' +
      '-bufsize:v:0 2000000 -forced_idr:v:0 1 -profile:v:0 high -f framecrc pipe:1',
  );
});
