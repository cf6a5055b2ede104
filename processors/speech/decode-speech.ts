import type { Readable } from 'node:stream';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import { pipeFfmpeg } from '../ffmpeg/pipe-ffmpeg.ts';
import { type Trimming, trimming } from '../ffmpeg/plan/trimming.ts';
import { untrustedInput } from '../ffmpeg/untrusted-input.ts';
import { TaskError } from '../task-error.ts';
import { SAMPLE_RATE } from './speech-engine.ts';

interface DecodeOptions {
  /** As in `-map 0:<index>`. */
  streamIndex: number;
  /** Of the file that is wanted; absent: all of it. */
  part?: Trimming;
  /** Seconds after which nothing more is decoded. */
  duration_s: number;
  signal: AbortSignal;
  /** Patience with an ffmpeg that shows no sign of life. Default: two minutes. */
  stall_ms?: number | undefined;
}

interface DecodedSpeech {
  command: string[];
  /** Mono 32-bit little-endian floats at 16 kHz, as fast as they are read: 64 kB per second of audio. */
  pcm: Readable;
  /** Settles when ffmpeg has ended. @throws {TaskError} when it failed; the signal's reason when aborted. */
  ended: Promise<void>;
}

/**
 * Decodes one audio stream of an upload for a speech engine. Time 0 of the samples is time 0 of the file: a
 * stream that starts late is preceded by silence, and holes in it are filled, so that cues stay in step.
 */
export function decodeSpeech(
  tools: MediaTools,
  path: string,
  { streamIndex, part = trimming(undefined), duration_s, signal, stall_ms }: DecodeOptions,
): DecodedSpeech {
  const args = [
    ...['-threads', '1', ...untrustedInput(path, part.input)],
    ...[
      '-map',
      `0:${streamIndex}`,
      '-af',
      [...part.audio, `aresample=${SAMPLE_RATE}:async=1:first_pts=0`].join(','),
    ],
    ...['-t', String(duration_s), '-ac', '1', '-f', 'f32le', 'pipe:1'],
  ];
  const run = pipeFfmpeg(tools, args, { signal, ...(stall_ms !== undefined && { stall_ms }) });
  const ended = run.ended.then(({ failed, log: detail }) => {
    if (!failed) return;
    throw new TaskError({
      code: 'audio_decode_failed',
      message: 'The sound of the video could not be decoded for transcription.',
      detail,
      retryable: true,
    });
  });
  // Its owner may look at it only after the engine has ended.
  ended.catch(() => undefined);
  return { command: run.command, pcm: run.output, ended };
}
