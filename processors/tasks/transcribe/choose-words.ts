import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { languageName } from '@transcodeflow/shared/language-code.ts';
import { confidenceOf, ENGLISH_ABOVE } from '../../speech/english-detection.ts';
import {
  type SpeechEngine,
  SpeechEngineMissingError,
  SpeechLanguageError,
  type Utterance,
} from '../../speech/speech-engine.ts';
import type { TaskContext } from '../task-handler.ts';
import { listen } from './listen.ts';

/** After so many tokens (some five minutes of speech) that are no English, the rest is not listened to. */
const ENOUGH_TOKENS = 1000;
/** Of the progress, where another engine may have to listen after the embedded one: it is the faster by far. */
const FIRST_SHARE = 0.25;

export interface Words {
  utterances: readonly Utterance[];
  language: string;
  engine: string;
}

export interface Engines {
  embedded: SpeechEngine;
  /** The operator's, for what the embedded one does not know. */
  other?: SpeechEngine | undefined;
}

export interface KnownLanguage {
  code: string;
  source: 'declared' | 'tagged';
}

/**
 * What was said, by the engine that knows the language; or the reason why that cannot be told. The embedded engine
 * comes first for English and for what nobody named: most videos are answered by it, the same way with the other engine
 * as without, at a small part of the other's time, and it tells English from others over the whole recording
 * (`english-detection.ts`), where whisper looks at the first half minute. What it is not sure of goes to the other one,
 * which then tells the language too.
 */
export async function chooseWords(
  { embedded, other }: Engines,
  spec: SpecOf<'transcribe'>,
  context: TaskContext,
  known: KnownLanguage | undefined,
): Promise<Words | string> {
  const code = known?.code;
  let reason: string;
  if (code === undefined || knows(embedded, code)) {
    const isOtherNext = other !== undefined && code === undefined;
    const answer = await ask(embedded, spec, context, code, isOtherNext);
    if (typeof answer !== 'string') return answer;
    // A recording without voices has no words for any engine.
    if (answer === NO_SPEECH || !(other && (isOtherNext || answer.startsWith(MISSING)))) return answer;
    reason = answer;
  } else {
    const named = `The sound ${known?.source === 'declared' ? 'was declared as' : 'is tagged as'} ${languageName(code)}`;
    reason = `${named}; the built-in engine transcribes only ${namesOf(embedded)}`;
    if (other && !knows(other, code)) return `${reason}, and so does the model of ${other.name}`;
  }
  // An English model writes any language down as English, and cannot tell which it heard.
  if (!other || (code === undefined && other.languages)) return reason;
  return transcribe(other, spec, context, code, reason.startsWith(MISSING) ? 0 : FIRST_SHARE);
}

const knows = ({ languages }: SpeechEngine, code: string) => languages?.includes(code) ?? true;
const namesOf = ({ languages = [] }: SpeechEngine) => languages.map(languageName).join(', ');

const NO_SPEECH = 'No speech was found in the audio';
const MISSING = 'No speech engine is installed: ';

async function ask(
  engine: SpeechEngine,
  spec: SpecOf<'transcribe'>,
  context: TaskContext,
  code: string | undefined,
  isOtherNext: boolean,
): Promise<Words | string> {
  const isEnough = (utterances: readonly Utterance[]) => {
    const { tokens, mean } = confidenceOf(utterances);
    return code === undefined && tokens >= ENOUGH_TOKENS && mean < ENGLISH_ABOVE;
  };
  const share = { from: 0, to: isOtherNext ? FIRST_SHARE : 1 };
  const heard = await listen(engine, spec, context, { language: code, share, isEnough }).catch(
    (error: unknown) => {
      if (error instanceof SpeechEngineMissingError) return `${MISSING}${error.message}`;
      throw error;
    },
  );
  if (typeof heard === 'string') return heard;
  const { utterances } = heard;
  if (utterances.length === 0) return NO_SPEECH;
  if (utterances.every(({ text }) => text === ''))
    return 'There are voices in the audio, but the built-in engine, which knows English, made out no words';
  const { mean } = confidenceOf(utterances);
  if (code === undefined && mean < ENGLISH_ABOVE) return notEnglish(mean);
  return { utterances, language: 'en', engine: engine.name };
}

async function transcribe(
  engine: SpeechEngine,
  spec: SpecOf<'transcribe'>,
  context: TaskContext,
  code: string | undefined,
  from: number,
): Promise<Words | string> {
  try {
    const heard = await listen(engine, spec, context, { language: code, share: { from, to: 1 } });
    if (heard.utterances.length === 0) return NO_SPEECH;
    return { utterances: heard.utterances, language: code ?? heard.language ?? 'und', engine: engine.name };
  } catch (error) {
    if (!(error instanceof SpeechLanguageError)) throw error;
    return `${engine.name} does not know the language of the sound: ${error.message}`;
  }
}

const notEnglish = (mean: number): string =>
  'The speech does not sound like English, the only language of the built-in engine ' +
  `(confidence ${mean.toFixed(2)}, English is above ${ENGLISH_ABOVE}); ` +
  'if it is English, upload the video again with the option language "en"';
