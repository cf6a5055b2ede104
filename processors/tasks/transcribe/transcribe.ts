import { Readable } from 'node:stream';
import type { ObjectRef } from '@transcodeflow/shared/contracts/object-ref.ts';
import type { TranscribeResult } from '@transcodeflow/shared/contracts/task-results.ts';
import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { languageCode, languageName } from '@transcodeflow/shared/language-code.ts';
import { trimming } from '../../ffmpeg/plan/trimming.ts';
import { cuesOf } from '../../speech/cues-of.ts';
import { decodeSpeech } from '../../speech/decode-speech.ts';
import { confidenceOf, ENGLISH_ABOVE } from '../../speech/english-detection.ts';
import { moonshineEngine } from '../../speech/moonshine-engine.ts';
import { type SpeechEngine, SpeechEngineMissingError, type Utterance } from '../../speech/speech-engine.ts';
import { transcriptFiles } from '../../speech/transcript.ts';
import { TaskError } from '../../task-error.ts';
import type { TaskContext, TaskHandler } from '../task-handler.ts';

/** After so many tokens (some five minutes of speech) that are no English, the rest is not listened to. */
const ENOUGH_TOKENS = 1000;
/** No container's clock is off by more; stops a broken one from being filled up with endless silence. */
const OVERTIME_S = 10;

type Unavailable = Extract<TranscribeResult, { available: false }>;
const unavailable = (reason: string): Unavailable => ({ kind: 'transcribe', available: false, reason });

/**
 * Turns the source's speech into a transcript and subtitles below the attempt's prefix.
 * The embedded engine knows English only, so the language comes first: what the client declared, else the
 * container's tag, else what the engine's own confidence says (`english-detection.ts`).
 */
export const transcribeWith =
  (engine: SpeechEngine): TaskHandler<'transcribe'> =>
  async (spec, context) => {
    const declared = languageCode(spec.language);
    const known = declared ?? languageCode(spec.tagged_language);
    if (known !== undefined && !engine.languages.includes(known)) {
      const source = declared ? 'was declared as' : 'is tagged as';
      const names = engine.languages.map(languageName).join(', ');
      return unavailable(
        `The sound ${source} ${languageName(known)}; the built-in engine transcribes only ${names}`,
      );
    }
    let utterances: Utterance[];
    try {
      utterances = await listen(engine, spec, context, known === undefined);
    } catch (error) {
      if (error instanceof SpeechEngineMissingError) {
        return unavailable(`No speech engine is installed: ${error.message}`);
      }
      throw error;
    }
    const cues = utterances.flatMap(cuesOf);
    if (utterances.length === 0) return unavailable('No speech was found in the audio');
    if (cues.length === 0) {
      return unavailable(
        'There are voices in the audio, but the built-in engine, which knows English, made out no words',
      );
    }
    const { mean } = confidenceOf(utterances);
    if (known === undefined && mean < ENGLISH_ABOVE) return unavailable(notEnglish(mean));

    const language = known ?? 'en';
    const files = transcriptFiles({ language, engine: engine.name, duration_s: spec.duration_s, cues });
    const [txt, srt, vtt, json] = [
      await store(context, 'transcript.txt', 'text/plain', files.txt),
      await store(context, 'transcript.srt', 'application/x-subrip', files.srt),
      await store(context, 'transcript.vtt', 'text/vtt', files.vtt),
      await store(context, 'transcript.json', 'application/json', files.json),
    ];
    context.progress({ fraction: 1 });
    return {
      kind: 'transcribe',
      available: true,
      language,
      language_source: declared ? 'declared' : known ? 'tagged' : 'detected',
      engine: engine.name,
      formats: { txt, srt, vtt, json },
      words_count: files.txt.split(/\s+/).filter(Boolean).length,
    };
  };

export const transcribe: TaskHandler<'transcribe'> = transcribeWith(moonshineEngine());

/** Decodes and listens at the same time; holds the words, never the sound. */
async function listen(
  engine: SpeechEngine,
  spec: SpecOf<'transcribe'>,
  context: TaskContext,
  detect: boolean,
): Promise<Utterance[]> {
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
    context.progress({ fraction, speed, eta_s: left / speed });
  };
  const utterances: Utterance[] = [];
  try {
    const { memory_bytes } = tools;
    for await (const utterance of engine.transcribe(decoding.pcm, { signal, onProgress, memory_bytes })) {
      utterances.push(utterance);
      if (!detect) continue;
      const { tokens, mean } = confidenceOf(utterances);
      if (tokens >= ENOUGH_TOKENS && mean < ENGLISH_ABOVE) return utterances;
    }
    await decoding.ended;
    return utterances;
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof SpeechEngineMissingError || cause instanceof TaskError) throw cause;
    const message = 'The speech in the video could not be transcribed.';
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new TaskError({ code: 'transcription_failed', message, detail, retryable: true }, { cause });
  } finally {
    enough.abort();
    await decoding.ended.catch(() => undefined);
  }
}

const notEnglish = (mean: number): string =>
  'The speech does not sound like English, the only language of the built-in engine ' +
  `(confidence ${mean.toFixed(2)}, English is above ${ENGLISH_ABOVE}); ` +
  'if it is English, upload the video again with the option language "en"';

async function store(
  context: TaskContext,
  name: string,
  contentType: string,
  text: string,
): Promise<ObjectRef> {
  const bytes = Buffer.from(text);
  const info = await context.objects.put(context.prefix + name, Readable.from([bytes]), {
    signal: context.signal,
    size: bytes.length,
    contentType,
  });
  return { key: info.key, size_bytes: info.size, content_type: info.contentType };
}
