import type { StoryboardSpec } from '@transcodeflow/shared/contracts/pictures.ts';
import type { Grid } from './plan/stills.ts';

/** WebVTT that says which part of the sheet to show over which seconds; the image is named relative to the file. */
export function storyboardVtt(
  image: string,
  spec: StoryboardSpec,
  { columns, tiles }: Grid,
  duration_s: number,
): string {
  const cues = Array.from({ length: tiles }, (_, tile) => {
    const from = tile * spec.interval_s;
    // The last tile stands for all that is left.
    const to = tile === tiles - 1 ? Math.max(duration_s, from + 0.001) : from + spec.interval_s;
    const x = (tile % columns) * spec.tile_width;
    const y = Math.floor(tile / columns) * spec.tile_height;
    return `${timestamp(from)} --> ${timestamp(to)}\n${image}#xywh=${x},${y},${spec.tile_width},${spec.tile_height}\n`;
  });
  return `WEBVTT\n\n${cues.join('\n')}`;
}

/** `HH:MM:SS.mmm` */
function timestamp(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000);
  const part = (divisor: number, modulus: number, digits: number) =>
    String(Math.floor(milliseconds / divisor) % modulus).padStart(digits, '0');
  const hours = String(Math.floor(milliseconds / 3_600_000)).padStart(2, '0');
  return `${hours}:${part(60_000, 60, 2)}:${part(1000, 60, 2)}.${part(1, 1000, 3)}`;
}
