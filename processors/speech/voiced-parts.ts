/** Seconds from the start of the recording. */
export interface Part {
  start: number;
  end: number;
}

/**
 * Of the sound around a voice. With 0.3 s after it, whisper drew sentences together that were far apart in the
 * recording; with 1 s before it, its times were off by 0.5 s (tried with the base model).
 */
const BEFORE_S = 0.3;
const AFTER_S = 1.5;

/**
 * The parts of a recording in which somebody speaks, with some of the sound around them, in order. Whisper makes up words in
 * silence and music, tells the language by the first half minute, and its times are off after a silent start (0.8 s on
 * the sample): it gets nothing else to hear.
 */
export function voicedParts(voices: readonly Part[], duration_s: number): Part[] {
  const parts: Part[] = [];
  for (const voice of voices) {
    const start = Math.max(0, voice.start - BEFORE_S);
    const end = Math.min(duration_s, voice.end + AFTER_S);
    const last = parts.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else parts.push({ start, end });
  }
  return parts;
}

/** When what is heard at `time` in the parts, played one after the other, is heard in the recording. */
export function inRecording(parts: readonly Part[], time: number): number {
  let before = 0;
  for (const { start, end } of parts) {
    if (time < before + end - start) return start + time - before;
    before += end - start;
  }
  return parts.at(-1)?.end ?? time;
}
