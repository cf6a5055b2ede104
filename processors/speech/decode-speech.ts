import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { endWithParent } from '../ffmpeg/end-with-parent.ts';
import { LogTail } from '../ffmpeg/log-tail.ts';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import { KILL_AFTER_MS } from '../ffmpeg/term-then-kill.ts';
import { untrustedInput } from '../ffmpeg/untrusted-input.ts';
import { TaskError } from '../tasks/task-handler.ts';
import { SAMPLE_RATE } from './speech-engine.ts';

interface DecodeOptions {
  /** As in `-map 0:<index>`. */
  streamIndex: number;
  /** Seconds after which nothing more is decoded. */
  duration_s: number;
  signal: AbortSignal;
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
  { streamIndex, duration_s, signal }: DecodeOptions,
): DecodedSpeech {
  const args = [
    ...['-nostdin', '-hide_banner', '-v', 'error', '-threads', '1'],
    ...untrustedInput(path),
    ...['-map', `0:${streamIndex}`, '-af', `aresample=${SAMPLE_RATE}:async=1:first_pts=0`],
    ...['-t', String(duration_s), '-ac', '1', '-f', 'f32le', 'pipe:1'],
  ];
  const child = execa(tools.ffmpeg, args, {
    cancelSignal: signal,
    forceKillAfterDelay: KILL_AFTER_MS,
    stdin: 'ignore',
    buffer: false,
    reject: false,
  });
  const endWatch = child.pid === undefined ? undefined : endWithParent(child.pid);
  const log = new LogTail();
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => log.add(chunk));
  const ended = child.finally(endWatch).then((result) => {
    signal.throwIfAborted();
    if (!result.failed) return;
    throw new TaskError({
      code: 'audio_decode_failed',
      message: 'The sound of the video could not be decoded for transcription.',
      detail: log.toString() || result.shortMessage,
      retryable: true,
    });
  });
  // Its owner may look at it only after the engine has ended.
  ended.catch(() => undefined);
  return { command: [tools.ffmpeg, ...args], pcm: child.stdout, ended };
}
