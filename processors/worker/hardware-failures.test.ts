import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rendition } from '@transcodeflow/shared/contracts/rendition.ts';
import type { TaskReport } from '@transcodeflow/shared/contracts/task-reports.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import type { Step } from '../ffmpeg/testing/fake-ffmpeg.ts';
import { scenes } from '../ffmpeg/testing/hardware-scenes.ts';
import { type FakeFfmpeg, installFakeFfmpeg } from '../ffmpeg/testing/install-fake-ffmpeg.ts';
import { type DeviceSessions, openDeviceSessions } from '../hardware/device-sessions.ts';
import { type HardwareMode, OUTPUT_CODECS } from '../hardware/hardware-report.ts';
import { AttemptAborted } from './attempt.ts';
import { openAttemptBench } from './testing/attempt-bench.ts';

/** Whole attempts, from task message to reports, on hardware that fails: the fake plays the runs that name NVENC. */

const bench = await openAttemptBench();
test.after.always(() => bench.close());

/** Of the scenes that hang; a real run on a busy machine must not look like one. */
const STALL_MS = 3_000;
let count = 0;

const device = { kind: 'cuda' as const, decode: true, encode: true };

interface Options {
  mode?: HardwareMode;
  postponed?: number;
  signal?: AbortSignal;
  sessions?: DeviceSessions;
  codec?: Rendition['codec'];
  /** Runs that the fake plays. */
  where?: string;
  onStart?: (fake: FakeFfmpeg) => void;
}

/** Runs one attempt at the encode; answers its reports, the fake's runs and what is left of both. */
async function attempt(
  scene: readonly Step[],
  { mode = 'auto', postponed, signal, sessions, codec = 'h264', where = '_nvenc', onStart }: Options = {},
) {
  count += 1;
  const fake = await installFakeFfmpeg(join(bench.folder, `fake-${count}`), bench.tools, where, scene);
  onStart?.(fake);
  const usable = [{ ...device, codecs: OUTPUT_CODECS }];
  const renditions = bench.spec.renditions.map((rendition) => ({ ...rendition, codec }));
  const result = await bench.encode({
    spec: { ...bench.spec, renditions },
    ...(postponed !== undefined && { postponed }),
    ...(signal && { signal }),
    changes: {
      tools: { ...fake.tools, hardware: { mode, usable, rejected: [] }, ...(sessions && { sessions }) },
      ...(scene.some((step) => step.do === 'hang') && { stall_ms: STALL_MS }),
    },
  });
  const runs = await fake.runs();
  const alive = await Promise.all(runs.map(({ pid }) => isAlive(pid)));
  return { ...result, runs, alive: alive.filter(Boolean).length };
}

async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat !== undefined && !stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

const types = (reports: readonly TaskReport[]) => reports.map(({ type }) => type);

const failures = {
  'has no device': { code: 'ffmpeg_failed', says: /Cannot load libcuda/ },
  'dies half-way': { code: 'ffmpeg_killed', says: /ended by SIGKILL/ },
  'reports garbage and fails': { code: 'ffmpeg_failed', says: /Conversion failed!/ },
  'cannot take another resolution': {
    code: 'ffmpeg_failed',
    says: /^\[fc#0[^\n]*Reconfiguring filter graph because hwaccel changed(\n\nffmpeg|$)/,
  },
  hangs: { code: 'ffmpeg_stalled', says: /no sign of life/ },
  'hangs and refuses TERM': { code: 'ffmpeg_stalled', says: /no sign of life/ },
  'succeeds without a file': { code: 'ffmpeg_failed', says: /made no 180p\.mp4/ },
  'succeeds with empty files': { code: 'ffmpeg_failed', says: /made no 180p\.mp4/ },
} as const;

for (const [what, { code, says }] of Object.entries(failures)) {
  const scene = scenes[what as keyof typeof failures];

  test.serial(
    `auto: hardware that ${what} is given up for this task, which succeeds on the CPU`,
    async (t) => {
      const { reports, runs, alive, left, objects } = await attempt(scene);
      t.deepEqual(types(reports), ['AccelerationDegraded', 'TaskSucceeded']);
      const [degraded, succeeded] = reports;
      t.like(degraded?.data, { from: 'cuda (decode, scale, encode)', to: 'cpu' });
      if (degraded?.type === 'AccelerationDegraded') t.regex(degraded.data.reason, says);
      if (succeeded?.type === 'TaskSucceeded') {
        t.like(succeeded.data.result, { kind: 'encode', hardware: 'cpu' });
        t.true(succeeded.data.commands.some((command) => command.includes('h264_nvenc')));
        if (succeeded.data.result.kind === 'encode')
          t.deepEqual(
            succeeded.data.result.renditions.map(({ frame_count }) => frame_count),
            [25],
          );
      }
      t.is(runs.length, 1);
      t.is(alive, 0);
      t.deepEqual(left, []);
      t.true(objects.length > 0);
    },
  );

  test.serial(`required: hardware that ${what} fails the attempt, in ffmpeg's words`, async (t) => {
    const { reports, alive, left, objects } = await attempt(scene, { mode: 'required' });
    t.deepEqual(types(reports), ['TaskFailed']);
    t.like(reports[0]?.data, { error: { code, retryable: true } });
    if (reports[0]?.type === 'TaskFailed') t.regex(reports[0].data.error.detail ?? '', says);
    t.is(alive, 0);
    t.deepEqual(left, []);
    t.deepEqual(objects, []);
  });
}

test.serial('auto: where the run on the CPU is killed too, the attempt ends, for another one', async (t) => {
  const { reports, runs, left, objects } = await attempt(scenes['dies half-way'], { where: '180p.mp4' });
  t.deepEqual(types(reports), ['AccelerationDegraded', 'TaskFailed']);
  t.like(reports[1]?.data, { error: { code: 'ffmpeg_killed', retryable: true } });
  t.is(runs.length, 2);
  t.deepEqual([...left, ...objects], []);
});

for (const mode of ['auto', 'required'] as const) {
  test.serial(
    `${mode}: a device without a free session puts the task off, and nothing is degraded`,
    async (t) => {
      const { reports, left, objects } = await attempt(scenes['has no free session'], { mode });
      t.deepEqual(types(reports), ['TaskFailed']);
      t.like(reports[0]?.data, { error: { code: 'hardware_busy', retryable: true } });
      t.deepEqual(left, []);
      t.deepEqual(objects, []);
    },
  );
}

test.serial('a device that takes no more encodes puts the task off before ffmpeg starts', async (t) => {
  const sessions = openDeviceSessions(1);
  const giveBack = sessions.take(device, 1);
  const off = await attempt(scenes['has no device'], { sessions });
  t.like(off.reports[0]?.data, { error: { code: 'hardware_busy', retryable: true } });
  t.is(off.runs.length, 0);
  const patient = await attempt(scenes['has no device'], { sessions, postponed: 6 });
  t.deepEqual(types(patient.reports), ['AccelerationDegraded', 'TaskSucceeded']);
  t.is(patient.runs.length, 0);
  giveBack?.();
  t.is((await attempt(scenes['has no device'], { sessions })).runs.length, 1);
});

test.serial(
  'what a driver refuses is not asked of it again at once; what was taken is given back',
  async (t) => {
    const sessions = openDeviceSessions();
    const giveBack = sessions.take(device, 1);
    t.is((await attempt(scenes['has no free session'], { sessions })).runs.length, 1);
    const next = await attempt(scenes['has no free session'], { sessions });
    t.like(next.reports[0]?.data, { error: { code: 'hardware_busy' } });
    t.is(next.runs.length, 0);
    giveBack?.();
    t.is((await attempt(scenes['has no free session'], { sessions })).runs.length, 1);
  },
);

for (const codec of ['hevc', 'av1'] as const)
  test.serial(`auto: hardware that fails at ${codec} is given up for the CPU's encoder`, async (t) => {
    if (codec === 'hevc' && !bench.tools.encoders.has('libx265')) return t.pass();
    const { reports, runs } = await attempt(scenes['dies half-way'], { codec });
    t.deepEqual(types(reports), ['AccelerationDegraded', 'TaskSucceeded']);
    t.true(runs[0]?.args.includes(`${codec}_nvenc`));
  });

test.serial('auto: a device that has had no free session for long leaves the task to the CPU', async (t) => {
  const { reports } = await attempt(scenes['has no free session'], { postponed: 6 });
  t.deepEqual(types(reports), ['AccelerationDegraded', 'TaskSucceeded']);
  t.like(reports[0]?.data, { reason: 'The encoder has had no free session in 7 attempts.' });
});

test.serial('required: a device that has had no free session for long is still waited for', async (t) => {
  const { reports } = await attempt(scenes['has no free session'], { mode: 'required', postponed: 19 });
  t.like(reports[0]?.data, { error: { code: 'hardware_busy' } });
});

test.serial(
  'I7: a cancel ends hardware that hangs and refuses TERM, and nothing is left of it',
  async (t) => {
    const controller = new AbortController();
    let cancelled: Promise<void> | undefined;
    const { reports, alive, left, objects } = await attempt(scenes['hangs and refuses TERM'], {
      signal: controller.signal,
      onStart: (fake) => {
        cancelled = until('the fake runs', async () => (await fake.runs()).length > 0).then(() =>
          controller.abort(new AttemptAborted('JobCancelled')),
        );
      },
    });
    await cancelled;
    t.deepEqual(reports, []);
    t.is(alive, 0);
    t.deepEqual(left, []);
    t.deepEqual(objects, []);
  },
);

test.serial(
  'garbage on the progress pipe harms no run: what is told stays a fraction, and bounded',
  async (t) => {
    const { beats, reports } = await attempt(scenes['reports garbage and succeeds']);
    // It made no files: the CPU did.
    t.deepEqual(types(reports), ['AccelerationDegraded', 'TaskSucceeded']);
    t.true(beats.every((fraction) => fraction >= 0 && fraction <= 1));
  },
);
