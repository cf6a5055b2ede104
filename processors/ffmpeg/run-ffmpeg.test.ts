import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import type { ProgressUpdate } from '../progress-update.ts';
import { TaskError } from '../task-error.ts';
import { findMediaTools } from './find-media-tools.ts';
import { runFfmpeg } from './run-ffmpeg.ts';

const tools = await findMediaTools();
const folder = await mkdtemp(join(tmpdir(), 'run-ffmpeg-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const endless = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25'];
const signal = () => AbortSignal.timeout(100_000);

/** A process that is gone or only waits to be reaped. */
async function isGone(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat === undefined || stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

test('a run reports its progress as fractions of the expected duration and counts what it wrote', async (t) => {
  const updates: ProgressUpdate[] = [];
  const commands: (readonly string[])[] = [];
  const result = await runFfmpeg(
    tools,
    ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=2', '-f', 'framecrc', 'pipe:1'],
    {
      signal: signal(),
      cwd: folder,
      duration_s: 4,
      onProgress: (u) => updates.push(u),
      ran: (c) => commands.push(c),
    },
  );
  t.is(result.last.frame, 50);
  t.is(updates.at(-1)?.fraction, 0.5);
  t.is(result.stdout.split('\n').filter((line) => line.startsWith('0,')).length, 50);
  t.is(commands.length, 1);
  t.is(commands[0]?.[0], tools.ffmpeg);
});

test('a run keeps to its threads, and says so in its command', async (t) => {
  const commands: (readonly string[])[] = [];
  const args = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=0.2', '-f', 'null', '-'];
  await runFfmpeg({ ...tools, threads: 1 }, args, {
    signal: signal(),
    cwd: folder,
    ran: (c) => commands.push(c),
  });
  t.regex(commands[0]?.join(' ') ?? '', /-filter_threads 1 -filter_complex_threads 1 .*-threads 1 .*-i /);
});

test('a failed run rejects with the end of the log', async (t) => {
  const run = runFfmpeg(tools, ['-i', 'missing.mp4', '-f', 'null', '-'], { signal: signal(), cwd: folder });
  const error = await t.throwsAsync(run, { instanceOf: TaskError });
  t.is(error?.info.code, 'ffmpeg_failed');
  t.regex(error?.info.detail ?? '', /No such file or directory/);
});

test('a full disk is told from a bad video', async (t) => {
  const args = ['-f', 'lavfi', '-i', 'testsrc2=duration=5', '-c:v', 'mjpeg', '-f', 'avi', '/dev/full'];
  const error = await t.throwsAsync(runFfmpeg(tools, args, { signal: signal(), cwd: folder }), {
    instanceOf: TaskError,
  });
  t.is(error?.info.code, 'disk_full');
  t.true(error?.info.retryable);
});

test('a full disk is known by the exit status alone, whatever the log says', async (t) => {
  const full = join(folder, 'full');
  await writeFile(full, '#!/bin/sh\necho "a thousand other complaints" >&2\nexit 228\n', { mode: 0o755 });
  const run = runFfmpeg({ ...tools, ffmpeg: full }, [], { signal: signal(), cwd: folder });
  t.is((await t.throwsAsync(run, { instanceOf: TaskError }))?.info.code, 'disk_full');
});

test('ffmpeg that takes more memory than it may is ended, and told so', async (t) => {
  const huge = ['-f', 'lavfi', '-i', 'testsrc2=size=4096x2160:rate=25,tpad=start=50,loop=-1:100'];
  const args = [...huge, '-f', 'null', '-'];
  const limited = { ...tools, memory_bytes: 150 * 1_048_576 };
  const error = await t.throwsAsync(runFfmpeg(limited, args, { signal: signal(), cwd: folder }), {
    instanceOf: TaskError,
  });
  t.like(error?.info, { code: 'out_of_memory', retryable: false });
  t.regex(error?.info.detail ?? '', /^\d+ MiB in use, 150 MiB allowed/);
});

test('a missing ffmpeg is a fault of the machine, not of the video', async (t) => {
  const run = runFfmpeg({ ...tools, ffmpeg: join(folder, 'none') }, ['-version'], {
    signal: signal(),
    cwd: folder,
  });
  const error = await t.throwsAsync(run);
  t.false(error instanceof TaskError);
});

test('I7: aborting ends ffmpeg, also one that ignores TERM', async (t) => {
  const stubborn = join(folder, 'stubborn');
  const pidFile = join(folder, 'stubborn.pid');
  await writeFile(stubborn, `#!/bin/sh\ntrap '' TERM\necho $$ > ${pidFile}\nwhile :; do sleep 0.1; done\n`, {
    mode: 0o755,
  });
  const controller = new AbortController();
  const run = runFfmpeg({ ...tools, ffmpeg: stubborn }, [], { signal: controller.signal, cwd: folder });
  const settled = t.throwsAsync(run, { message: 'cancelled' });
  const pidOf = async () => Number(await readFile(pidFile, 'utf8').catch(() => '0'));
  await until('ffmpeg runs', async () => (await pidOf()) > 0);
  const pid = await pidOf();
  controller.abort(new Error('cancelled'));
  await settled;
  t.true(await isGone(pid));
});

test('ffmpeg dies with a parent that is killed outright', async (t) => {
  const script = join(import.meta.dirname, 'testing', 'run-endless-ffmpeg.ts');
  const parent = spawn(process.execPath, [script, tools.ffmpeg], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = await new Promise<number>((resolve) => {
    parent.stdout.setEncoding('utf8').once('data', (text: string) => resolve(Number(text)));
  });
  t.false(await isGone(pid));
  parent.kill('SIGKILL');
  await until('ffmpeg is gone, too', () => isGone(pid), 2_000);
});

test('ffmpeg runs at lowered priority, and is the first to go when memory is short', async (t) => {
  const controller = new AbortController();
  let started = false;
  const args = [...endless, '-f', 'null', '-', '-metadata', `comment=${folder}`];
  const run = runFfmpeg(tools, args, {
    signal: controller.signal,
    cwd: folder,
    onProgress: () => {
      started = true;
    },
  });
  const settled = t.throwsAsync(run);
  await until('ffmpeg has started', () => started);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const marked = async (pid: string) =>
    (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(`comment=${folder}`);
  const running = await Promise.all(
    pids.map(async (pid) => {
      if (!(await marked(pid))) return [];
      const oom = Number(await readFile(`/proc/${pid}/oom_score_adj`, 'utf8'));
      return [{ nice: getPriority(Number(pid)), oom }];
    }),
  );
  controller.abort();
  await settled;
  t.deepEqual(running.flat(), [{ nice: 10, oom: 800 }]);
});
