import { listenInProcess } from './listen-in-process.ts';
import type { SpeechEngine } from './speech-engine.ts';

/** Of the embedded models; the voice activity detection is used with whisper.cpp too. */
export const MOONSHINE_PROCESS = new URL('./moonshine-process.ts', import.meta.url);

/**
 * The embedded engine: Moonshine-tiny, English, from npm packages, in a process of its own.
 * It has one thread, which is within any slot's budget (`moonshine-process.ts`).
 * Measured on 2 cores: 0.06 s per second of audio on one thread.
 * @param script of the engine's process; another one only in tests
 */
export const moonshineEngine = (script: URL = MOONSHINE_PROCESS): SpeechEngine => ({
  name: 'moonshine-tiny',
  languages: ['en'],
  transcribe: (pcm, options) => listenInProcess(script, 'words', pcm, options),
});
