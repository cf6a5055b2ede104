import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FFMPEG_KILLED } from '@transcodeflow/shared/contracts/task-error.ts';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import { TaskError } from '../task-error.ts';
import { type Candidate, candidates, type Samples, TEST_PICTURE } from './candidates.ts';
import type { Acceleration, OutputCodec, Tried } from './hardware-report.ts';
import { isSessionLimit } from './session-limit.ts';
import type { Trial } from './trial.ts';

/** A driver that hangs must not keep the processor from starting. The first start of all compiles: 12 s were seen. */
const PATIENCE_MS = 30_000;

export interface TrialResults {
  /** Best first. */
  usable: Acceleration[];
  tried: Tried[];
  /** Nothing failed for want of a free session or of an answer, or was killed: the results will hold a while. */
  lasting: boolean;
}

/** Runs every trial of every candidate, in a temp folder of its own. @throws the signal's reason */
export async function runTrials(tools: MediaTools, signal: AbortSignal): Promise<TrialResults> {
  const cwd = await mkdtemp(join(tmpdir(), 'hardware-probe-'));
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  try {
    if ((await candidates(tools, { h264: '' })).length === 0) return { usable: [], tried: [], lasting: true };
    const found = await candidates(tools, await makeSamples(tools, cwd, either));
    const results = await Promise.all(found.map((candidate) => tryCandidate(candidate, tools, cwd, either)));
    return {
      usable: results.flatMap(({ usable }) => usable ?? []),
      tried: results.flatMap(({ tried }) => tried),
      lasting: results.every(({ lasting }) => lasting),
    };
  } finally {
    stop.abort();
    await rm(cwd, { recursive: true, force: true });
  }
}

interface CandidateResults {
  usable?: Acceleration;
  tried: Tried[];
  lasting: boolean;
}

/**
 * Encoders one after the other, as sessions are few, and decoders beside them: most of a trial is the start of the
 * driver. 20 trials took 9.1 s on an H100 one by one.
 */
async function tryCandidate(
  { label, kind, device, missing, trials }: Candidate,
  tools: MediaTools,
  cwd: string,
  signal: AbortSignal,
): Promise<CandidateResults> {
  const attempt = async (trial: Trial) =>
    missing ? { reason: missing, passing: false } : await whyNot(tools, trial, cwd, signal);
  let encoders: Promise<unknown> = Promise.resolve();
  const encoded = new Map<OutputCodec, ReturnType<typeof attempt>>();
  const failures = await Promise.all(
    trials.map((trial) => {
      const { proves } = trial;
      if ('decodes' in proves) return attempt(trial);
      // What cannot encode at all keeps no rate either.
      const mine = encoders.then(async () =>
        'caps' in proves ? ((await encoded.get(proves.caps)) ?? attempt(trial)) : attempt(trial),
      );
      if ('encodes' in proves) encoded.set(proves.encodes, mine);
      encoders = mine;
      return mine;
    }),
  );
  const tried: Tried[] = [];
  const codecs: OutputCodec[] = [];
  const capped: OutputCodec[] = [];
  const decodes = { decode: false, decode10: false, deinterlace: false };
  for (const [index, { what, proves }] of trials.entries()) {
    const failure = failures[index];
    if ('caps' in proves && !codecs.includes(proves.caps)) continue;
    tried.push({ candidate: label, what, ...(failure && { reason: failure.reason }) });
    if (failure) continue;
    if ('encodes' in proves) codecs.push(proves.encodes);
    else if ('caps' in proves) capped.push(proves.caps);
    else decodes[proves.decodes] = true;
  }
  const lasting = !failures.some((failure) => failure?.passing);
  if (!kind || (codecs.length === 0 && !decodes.decode && !decodes.decode10)) return { tried, lasting };
  const encode = codecs.includes('h264');
  const found = { kind, encode, codecs, ...decodes, ...(device && { device }) };
  return { usable: { ...found, ...(capped.length > 0 && { capped }) }, tried, lasting };
}

async function makeSamples(tools: MediaTools, cwd: string, signal: AbortSignal): Promise<Samples> {
  const make = (name: string, options: readonly string[]) =>
    runFfmpeg(tools, [...TEST_PICTURE, ...options, '-preset', 'ultrafast', name], { cwd, signal });
  const [h264, hevc10] = ['sample.mp4', 'sample10.mp4'];
  await make(h264, ['-pix_fmt', 'yuv420p', '-c:v', 'libx264']);
  if (!tools.encoders.has('libx265')) return { h264 };
  // Some builds of x265 know 8 bits only.
  return make(hevc10, ['-pix_fmt', 'yuv420p10le', '-c:v', 'libx265', '-x265-params', 'log-level=none']).then(
    () => ({ h264, hevc10 }),
    (error) => {
      if (error instanceof TaskError && error.info.code !== FFMPEG_KILLED) return { h264 };
      throw error;
    },
  );
}

async function whyNot(
  tools: MediaTools,
  { args, flaw }: Trial,
  cwd: string,
  signal: AbortSignal,
): Promise<{ reason: string; passing: boolean } | undefined> {
  const deadline = AbortSignal.timeout(PATIENCE_MS);
  try {
    const { stdout, log } = await runFfmpeg(tools, args, {
      cwd,
      signal: AbortSignal.any([signal, deadline]),
      logLevel: 'error',
    });
    const frames = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    if (frames.length === 0) return { reason: firstCause(log) || 'no frame came out', passing: false };
    // Stream, decoding time, time, duration, size, checksum.
    const reason = flaw?.(frames.map((line) => Number(line.split(',')[4])));
    return reason === undefined ? undefined : { reason, passing: false };
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) return { reason: `no answer within ${PATIENCE_MS / 1000} s`, passing: true };
    if (!(error instanceof TaskError)) throw error;
    const log = error.info.detail ?? error.message;
    return { reason: firstCause(log), passing: isSessionLimit(log) || error.info.code === FFMPEG_KILLED };
  }
}

/** ffmpeg names the cause first and its consequences after. */
const firstCause = (log: string) => (log.split('\n')[0] ?? '').replace(/^(\[[^\]]*\]\s*)+/, '');
