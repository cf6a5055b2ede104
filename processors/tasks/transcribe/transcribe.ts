import { Readable } from 'node:stream';
import type { ObjectRef } from '@transcodeflow/shared/contracts/object-ref.ts';
import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { languageCode } from '@transcodeflow/shared/language-code.ts';
import { cuesOf } from '../../speech/cues-of.ts';
import { moonshineEngine } from '../../speech/moonshine-engine.ts';
import type { SpeechEngine } from '../../speech/speech-engine.ts';
import { transcriptFiles } from '../../speech/transcript.ts';
import { whisperEngine } from '../../speech/whisper-engine.ts';
import type { TaskContext, TaskHandler } from '../task-handler.ts';
import { chooseWords, type KnownLanguage } from './choose-words.ts';

/**
 * Turns the source's speech into a transcript and subtitles below the attempt's prefix. Which engine listens goes by the
 * language: what the client declared, else the container's tag, else what the engines find (`choose-words.ts`).
 */
export const transcribeWith =
  (embedded: SpeechEngine): TaskHandler<'transcribe'> =>
  async (spec, context) => {
    const { whisper } = context.tools;
    const known = knownLanguage(spec);
    const engines = { embedded, other: whisper && whisperEngine(whisper) };
    const words = await chooseWords(engines, spec, context, known);
    if (typeof words === 'string') return { kind: 'transcribe', available: false, reason: words };

    const { utterances, language, engine } = words;
    const cues = utterances.flatMap(cuesOf);
    const files = transcriptFiles({ language, engine, duration_s: spec.duration_s, cues });
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
      language_source: known?.source ?? 'detected',
      engine,
      formats: { txt, srt, vtt, json },
      words_count: files.txt.split(/\s+/).filter(Boolean).length,
    };
  };

export const transcribe: TaskHandler<'transcribe'> = transcribeWith(moonshineEngine());

function knownLanguage({ language, tagged_language }: SpecOf<'transcribe'>): KnownLanguage | undefined {
  const declared = languageCode(language);
  if (declared) return { code: declared, source: 'declared' };
  const tagged = languageCode(tagged_language);
  return tagged === undefined ? undefined : { code: tagged, source: 'tagged' };
}

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
