export interface Window {
  from_s: number;
  length_s: number;
}

/** At most this much of a video is compared, in windows spread over it. */
const LONGEST_S = 6;
const SHARE = 0.05;

/**
 * What is compared: a twentieth of the video, at least one second and at most six. One window in the middle, three
 * from three seconds on. A window of one second costs 2 CPU-seconds (1080p source, 720p and 360p, VMAF 0.6 of it),
 * most of it for reaching the window from the source's last keyframe: hence few.
 */
export function qualityWindows(duration_s: number): Window[] {
  if (duration_s <= 1) return [{ from_s: 0, length_s: duration_s }];
  const total = Math.min(LONGEST_S, Math.max(1, duration_s * SHARE));
  const count = total >= 3 ? 3 : 1;
  const length_s = total / count;
  return Array.from({ length: count }, (_, index) => ({
    from_s: Math.max(0, (duration_s * (index + 1)) / (count + 1) - length_s / 2),
    length_s,
  }));
}

/** Within a chunk: its share of what is compared of the whole video, at least half a second, in its middle. */
export function chunkQualityWindow(chunk: Window, duration_s: number): Window {
  const share = chunk.length_s / duration_s;
  const length_s = Math.min(chunk.length_s, Math.max(0.5, share * LONGEST_S));
  return { from_s: chunk.from_s + (chunk.length_s - length_s) / 2, length_s };
}
