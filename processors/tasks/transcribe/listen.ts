import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { trimming } from '../../ffmpeg/plan/trimming.ts';
import { decodeSpeech } from '../../speech/decode-speech.ts';
import {
  type SpeechEngine,
  SpeechEngineMissingError,
  SpeechLanguageError,
  type Utterance,
} from '../../speech/speech-engine.ts';
import { TaskError } from '../../task-error.ts';
import type { TaskContext } from '../task-handler.ts';

/** No container's clock is off by more; stops a broken one from being filled up with endless silence. */
const OVERTIME_S = 10;

export interface Listening {
  /** Absent: unknown. */
  language?: string | undefined;
  /** The part of the task's progress that this is; absent: all of it. */
  share?: { from: number; to: number };
  /** Whether what was heard so far makes the rest needless. */
  isEnough?: (utterances: readonly Utterance[]) => boolean;
}

interface Heard {
  utterances: Utterance[];
  /** As the engine found it, where it can tell. */
  language?: string;
}

/**
 * Decodes and listens at the same time; holds the words, never the sound.
 * @throws {SpeechEngineMissingError} @throws {SpeechLanguageError} @throws {TaskError}
 */
export async function listen(
  engine: SpeechEngine,
  spec: SpecOf<'transcribe'>,
  context: TaskContext,
  { language, share = { from: 0, to: 1 }, isEnough = () => false }: Listening,
): Promise<Heard> {
  const { objects, tools, workFolder, signal } = context;
  const path = await objects.localFile(spec.source.key, workFolder, signal);
  // Stops ffmpeg where the engine needs no more or has failed.
  const enough = new AbortController();
  const decoding = decodeSpeech(tools, path, {
    streamIndex: spec.stream_index,
    part: trimming(spec.trim),
    duration_s: spec.duration_s + OVERTIME_S,
    signal: AbortSignal.any([signal, enough.signal]),
    stall_ms: context.stall_ms,
  });
  context.ran(decoding.command);
  const started = performance.now();
  const onProgress = (processed_s: number) => {
    const speed = processed_s / ((performance.now() - started) / 1000);
    const left = Math.max(0, spec.duration_s - processed_s);
    const fraction = spec.duration_s > 0 ? Math.min(1, processed_s / spec.duration_s) : 0;
    context.progress({
      fraction: share.from + fraction * (share.to - share.from),
      speed,
      eta_s: left / speed,
    });
  };
  const heard: Heard = { utterances: [] };
  const { memory_bytes, threads } = tools;
  const options = {
    ...{ signal, onProgress, memory_bytes, threads, workFolder, language, decoded: decoding.ended },
    ran: context.ran,
    onLanguage: (found: string) => {
      heard.language = found;
    },
  };
  try {
    for await (const utterance of engine.transcribe(decoding.pcm, options)) {
      heard.utterances.push(utterance);
      if (isEnough(heard.utterances)) return heard;
    }
    await decoding.ended;
    return heard;
  } catch (cause) {
    signal.throwIfAborted();
    if (
      cause instanceof SpeechEngineMissingError ||
      cause instanceof SpeechLanguageError ||
      cause instanceof TaskError
    )
      throw cause;
    const message = 'The speech in the video could not be transcribed.';
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new TaskError({ code: 'transcription_failed', message, detail, retryable: true }, { cause });
  } finally {
    enough.abort();
    await decoding.ended.catch(() => undefined);
  }
}
