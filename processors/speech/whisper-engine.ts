import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { listenInProcess } from './listen-in-process.ts';
import { MOONSHINE_PROCESS } from './moonshine-engine.ts';
import { runWhisper } from './run-whisper.ts';
import {
  SAMPLE_RATE,
  type SpeechEngine,
  SpeechEngineMissingError,
  type TranscribeOptions,
  type Utterance,
} from './speech-engine.ts';
import { silencesOf, spokenAt } from './spoken-at.ts';
import { inRecording, voicedParts } from './voiced-parts.ts';
import { writeWave } from './wave-file.ts';
import { fromWhisper, toWhisper } from './whisper-language.ts';
import type { WhisperProgram } from './whisper-program.ts';

/** `[Music]`, `(laughter)`, `*sighs*`, `♪♪`: what a sound is, not what is said. */
const NO_SPEECH = /^(\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|[♪\s]+)$/u;

/**
 * whisper.cpp with a model of the operator's. It hears the voices of a recording only, and its times are set right by them;
 * where the package that finds voices is not installed, it hears everything and its times stay as they are.
 * @param voices script of the process that finds voices; another one only in tests
 */
export const whisperEngine = (program: WhisperProgram, voices: URL = MOONSHINE_PROCESS): SpeechEngine => ({
  name: program.name,
  ...(!program.multilingual && { languages: ['en'] }),
  transcribe: (pcm, options) => transcribe(program, voices, pcm, options),
});

async function* transcribe(
  program: WhisperProgram,
  script: URL,
  pcm: Readable,
  options: TranscribeOptions,
): AsyncGenerator<Utterance, void, undefined> {
  const { signal, workFolder, language, onLanguage, onProgress, decoded, ran, threads, memory_bytes } =
    options;
  const sound = join(workFolder, 'sound.f32');
  const wave = join(workFolder, 'sound.wav');
  try {
    await pipeline(pcm, createWriteStream(sound), { signal });
    // Half a recording is not worth the time.
    await decoded;
    const duration_s = (await stat(sound)).size / Float32Array.BYTES_PER_ELEMENT / SAMPLE_RATE;
    const voices = await findVoices(script, sound, { signal, workFolder, memory_bytes });
    if (voices?.length === 0) return;
    const parts = voices ? voicedParts(voices, duration_s) : [{ start: 0, end: duration_s }];
    await writeWave(sound, parts, wave, signal);
    const output = await runWhisper(program, wave, {
      signal,
      workFolder,
      language: language === undefined ? 'auto' : toWhisper(language),
      threads,
      memory_bytes,
      ran,
      onFraction: (fraction) => onProgress?.(fraction * duration_s),
    });
    onLanguage?.(fromWhisper(output.result.language));
    const silences = voices && silencesOf(voices);
    for (const [index, { offsets, text }] of output.transcription.entries()) {
      const words = text.trim();
      if (words === '' || NO_SPEECH.test(words)) continue;
      const heard = {
        start: inRecording(parts, offsets.from / 1000),
        end: inRecording(parts, offsets.to / 1000),
      };
      const following = output.transcription[index + 1];
      const next = following && inRecording(parts, following.offsets.from / 1000);
      const spoken = silences ? spokenAt(heard, silences, next) : { ...heard, pauses: [] };
      if (spoken) yield { ...spoken, text: words, tokens: 0, log_probability: 0 };
    }
  } finally {
    for (const file of [sound, wave, join(workFolder, 'whisper.json')]) await rm(file, { force: true });
  }
}

/** @returns undefined where nothing here can find them */
async function findVoices(
  script: URL,
  sound: string,
  options: TranscribeOptions,
): Promise<Utterance[] | undefined> {
  const pcm = createReadStream(sound);
  try {
    const voices: Utterance[] = [];
    for await (const voice of listenInProcess(script, 'voices', pcm, options)) voices.push(voice);
    return voices;
  } catch (error) {
    if (error instanceof SpeechEngineMissingError) return undefined;
    throw error;
  } finally {
    pcm.destroy();
  }
}
