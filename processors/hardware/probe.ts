import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import { TaskError } from '../tasks/task-handler.ts';
import { candidates } from './candidates.ts';
import type { Acceleration, HardwareMode, HardwareReport } from './hardware-report.ts';

/** A driver that hangs must not keep the processor from starting. */
const PATIENCE_MS = 15_000;

/**
 * Finds out what accelerates on this machine by running a tiny encode and a tiny decode on every candidate: that a
 * device file or `nvidia-smi` exists proves nothing (an H100 decodes, but has no encoder). Once, at start: some
 * 200 ms without hardware.
 * @throws Error where the mode is `required` and nothing works, with the reason of each candidate
 */
export async function probeHardware(
  tools: MediaTools,
  mode: HardwareMode = 'auto',
  signal: AbortSignal = new AbortController().signal,
): Promise<HardwareReport> {
  if (mode === 'off') return { mode, usable: [], rejected: [] };
  const cwd = await mkdtemp(join(tmpdir(), 'hardware-probe-'));
  const usable: Acceleration[] = [];
  const rejected: { candidate: string; reason: string }[] = [];
  try {
    const attempt = async (candidate: string, args: readonly string[] | undefined): Promise<boolean> => {
      if (!args) return false;
      const reason = await whyNot(tools, args, cwd, signal);
      if (reason !== undefined) rejected.push({ candidate, reason });
      return reason === undefined;
    };
    const found = await candidates(tools);
    if (found.length > 0) await makeSample(tools, cwd, signal);
    for (const { kind, device, encode, decode } of found) {
      const label = device ? `${kind} ${device}` : kind;
      const encodes = await attempt(`${label} encode`, encode);
      const decodes = await attempt(`${label} decode and scale`, decode?.(SAMPLE));
      if (encodes || decodes)
        usable.push({ kind, encode: encodes, decode: decodes, ...(device && { device }) });
    }
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
  if (mode === 'required' && usable.length === 0) {
    const reasons = rejected.map(({ candidate, reason }) => `${candidate}: ${reason}`).join('; ');
    throw new Error(
      `HARDWARE=required, but nothing accelerates here (${reasons || 'this ffmpeg has no hardware encoder'})`,
    );
  }
  return { mode, usable, rejected };
}

const SAMPLE = 'sample.mp4';

async function makeSample(tools: MediaTools, cwd: string, signal: AbortSignal): Promise<void> {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25:duration=0.4'];
  await runFfmpeg(
    tools,
    [...picture, '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast', SAMPLE],
    { cwd, signal },
  );
}

async function whyNot(
  tools: MediaTools,
  args: readonly string[],
  cwd: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const deadline = AbortSignal.timeout(PATIENCE_MS);
  try {
    const { stdout, log } = await runFfmpeg(tools, args, {
      cwd,
      signal: AbortSignal.any([signal, deadline]),
      logLevel: 'error',
    });
    const frames = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return frames.length > 0 ? undefined : log || 'no frame came out';
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) return `no answer within ${PATIENCE_MS / 1000} s`;
    if (!(error instanceof TaskError)) throw error;
    return firstCause(error.info.detail ?? error.message);
  }
}

/** ffmpeg names the cause first and its consequences after. */
const firstCause = (log: string) => (log.split('\n')[0] ?? '').replace(/^(\[[^\]]*\]\s*)+/, '');
