import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FFMPEG_KILLED, HARDWARE_BUSY } from '@transcodeflow/shared/contracts/task-error.ts';
import { shownSeconds } from '@transcodeflow/shared/contracts/trim.ts';
import { measureLoudness } from '../../ffmpeg/measure-loudness.ts';
import {
  AUDIO_FILE,
  alternateFile,
  type EncodePlan,
  mp4Options,
  planEncode,
  renditionFile,
} from '../../ffmpeg/plan/encode-plan.ts';
import type { Encoding } from '../../ffmpeg/plan/encoding.ts';
import type { MeasuredLoudness } from '../../ffmpeg/plan/loudness.ts';
import { softwareEncoder } from '../../ffmpeg/plan/software-encoder.ts';
import { trimming } from '../../ffmpeg/plan/trimming.ts';
import { runFfmpeg } from '../../ffmpeg/run-ffmpeg.ts';
import type { Acceleration } from '../../hardware/hardware-report.ts';
import { isSessionLimit } from '../../hardware/session-limit.ts';
import type { ProgressUpdate } from '../../progress-update.ts';
import { TaskError } from '../../task-error.ts';
import type { TaskContext } from '../task-handler.ts';
import { assertCapped, RATE_EXCEEDED } from './assert-capped.ts';
import { refusedByGate } from './hardware-required.ts';
import { keepLastPicture } from './keep-last-picture.ts';
import { removeNew } from './remove-new.ts';

/** Encoding is nearly all of the task; the rest is measuring and uploading. */
const ENCODING = 0.97;

/**
 * Errors for which hardware may be to blame: drivers refuse, and drivers hang. A kill proves nothing against the device,
 * but where its runs take the memory that the machine lacks (a CUDA context alone is hundreds of megabytes), each attempt
 * would end alike; the CPU, which is another attempt at once, may do. If that is killed too, the attempt fails.
 */
const OF_HARDWARE = new Set(['ffmpeg_failed', 'ffmpeg_stalled', FFMPEG_KILLED, RATE_EXCEEDED]);

/** So often `auto` waits for a free session, about two minutes in all; the CPU is the faster way then. */
const PATIENCE = 6;

/**
 * Runs on the best hardware. Where that fails, `auto` says so and goes on with the CPU (if this ffmpeg can encode with
 * that), `required` fails. A device whose
 * sessions are all taken is neither: the task is put off, and `auto` turns to the CPU only when that does not help. A
 * spec may ask for the CPU alone, which `required` refuses.
 * @returns where it ran, e.g. `cuda (decode, scale, encode)`
 * @throws {TaskError} `ffmpeg_failed`, `ffmpeg_killed`, `ffmpeg_stalled`, `rate_exceeded`, `hardware_busy`,
 *   `hardware_required`, `disk_full`
 */
export async function runEncode(spec: Encoding, source: string, context: TaskContext): Promise<string> {
  const { tools, postponed = 0, workFolder: cwd } = context;
  const { sessions } = tools;
  const toneMap = tools.filters.has('zscale') && tools.filters.has('tonemap');
  const isOff = tools.hardware?.mode === 'off' || spec.acceleration === 'off';
  if (isOff && tools.hardware?.mode === 'required') throw refusedByGate();
  const known: readonly Acceleration[] = isOff ? [] : (tools.hardware?.usable ?? []);
  const usable = sessions?.leastBusyFirst(known) ?? known;
  const onProgress = risingProgress(context);
  const loudness = await loudnessOf(spec, source, context);
  const before = new Set(await readdir(cwd));
  const able = { toneMap, encoders: tools.encoders, threads: tools.threads, loudness };
  const plan = planEncode(spec, source, { ...able, usable });
  const cpu = planEncode(spec, source, { ...able, usable: [] });
  const count = spec.renditions.length;
  const giveBack = plan.encoder && sessions?.take(plan.encoder, count);
  const full = plan.encoder && sessions && !giveBack;
  try {
    if (full) throw noFreeSession(plan.hardware, 'As many encodes as the device takes are running here.');
    await runPlan(plan, spec, context, onProgress);
    if (plan.encoder) await assertCapped(spec.renditions, context);
    return plan.hardware;
  } catch (error) {
    if (plan.hardware === cpu.hardware || !(error instanceof TaskError)) throw error;
    if (!full && !OF_HARDWARE.has(error.info.code)) throw error;
    const codecs = spec.renditions.map(({ codec }) => codec);
    const onCpu = codecs.every((codec) => softwareEncoder(codec, tools.encoders));
    const mayDegrade = tools.hardware?.mode === 'auto' && onCpu;
    const log = error.info.detail?.split('\n\nffmpeg ')[0] ?? error.info.message;
    const busy = full || isSessionLimit(log);
    if (busy && !full && plan.encoder) sessions?.refused(plan.encoder, count);
    giveBack?.();
    if (busy && !(mayDegrade && postponed >= PATIENCE))
      throw full ? error : noFreeSession(plan.hardware, log);
    if (!mayDegrade) throw error;
    const reason = busy
      ? `The encoder has had no free session in ${postponed + 1} attempts.`
      : log.split('\n').slice(-3).join('\n');
    context.degraded(plan.hardware, cpu.hardware, reason);
    await removeNew(context.workFolder, before);
    await runPlan(cpu, spec, context, onProgress);
    return cpu.hardware;
  } finally {
    giveBack?.();
  }
}

/** Of each stream of sound that is normalised. */
async function loudnessOf(
  { audio, audio_alternates = [], media, trim }: Encoding,
  source: string,
  { tools, signal, workFolder: cwd, ran }: TaskContext,
): Promise<Map<number, MeasuredLoudness>> {
  const part = trimming(trim, media);
  const measured = new Map<number, MeasuredLoudness>();
  for (const sound of audio ? [audio, ...audio_alternates] : []) {
    const loudness = await measureLoudness(tools, source, sound, part, { signal, cwd, ran });
    if (loudness) measured.set(sound.stream_index, loudness);
  }
  return measured;
}

async function runPlan(
  { args, hopeless }: EncodePlan,
  spec: Encoding,
  context: TaskContext,
  onProgress: (update: ProgressUpdate) => void,
): Promise<void> {
  const { tools, signal, workFolder: cwd, ran, stall_ms } = context;
  const { video } = spec.media;
  const start_s = spec.window?.from_s ?? 0;
  const duration_s = spec.window
    ? (spec.window.to_s ?? spec.window.duration_s) - start_s
    : shownSeconds(spec.media, spec.trim);
  const rated = (video?.frame_rate ?? 0) * duration_s;
  const frames = spec.trim || spec.window ? rated : (video?.frame_count ?? rated);
  const patience = stall_ms === undefined ? {} : { stall_ms };
  const { log } = await runFfmpeg(tools, args, {
    signal,
    cwd,
    ran,
    duration_s,
    start_s,
    frames,
    ...(spec.trim || spec.window ? {} : { source_bytes: spec.media.size_bytes }),
    onProgress,
    ...patience,
    ...(hopeless && { hopeless, logLevel: 'info' }),
  });
  // Seen of drivers: an encoder that gives up without an error status.
  const wanted = [
    ...spec.renditions.map(({ name }) => renditionFile(name)),
    ...(spec.audio ? [AUDIO_FILE] : []),
    ...(spec.audio_alternates ?? []).map(({ name }) => alternateFile(name)),
  ];
  for (const file of wanted) {
    const size = await stat(join(cwd, file)).then(
      (found) => found.size,
      () => 0,
    );
    if (size > 0) continue;
    throw new TaskError({
      code: 'ffmpeg_failed',
      message: 'The video could not be processed: ffmpeg failed.',
      detail: `${log ? `${log}\n` : ''}It ended without an error, but made no ${file}.\n\nffmpeg ${args.join(' ')}`,
      retryable: true,
    });
  }
  for (const { name } of spec.renditions)
    await keepLastPicture(renditionFile(name), mp4Options(spec), context);
}

/** Where the hardware is given up, the second run starts anew; what was told is not taken back. */
function risingProgress(context: TaskContext): (update: ProgressUpdate) => void {
  let furthest = 0;
  return (update) => {
    furthest = Math.max(furthest, update.fraction * ENCODING);
    context.progress({ ...update, fraction: furthest });
  };
}

function noFreeSession(hardware: string, detail: string): TaskError {
  const message = 'The hardware encoder of the processing machine has no place free.';
  return new TaskError({ code: HARDWARE_BUSY, message, detail: `${hardware}\n${detail}`, retryable: true });
}
