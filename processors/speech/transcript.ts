import type { Cue } from './cue.ts';
import { toPlainText, toSrt, toVtt } from './subtitles.ts';

export interface Transcript {
  /** ISO 639-1. */
  language: string;
  engine: string;
  /** Of the source. */
  duration_s: number;
  cues: readonly Cue[];
}

/** The transcript's files by extension, as text. */
export function transcriptFiles({ language, engine, duration_s, cues }: Transcript) {
  const segments = cues.map(({ start, end, text }) => ({ start: round(start), end: round(end), text }));
  return {
    txt: toPlainText(cues),
    srt: toSrt(cues),
    vtt: toVtt(cues),
    json: `${JSON.stringify({ language, engine, duration_s, segments }, null, 2)}\n`,
  };
}

const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;
