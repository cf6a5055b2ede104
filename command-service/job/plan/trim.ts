import type { EncodingOptions } from '@transcodeflow/shared/contracts/encoding-options.ts';
import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { Trim } from '@transcodeflow/shared/contracts/trim.ts';

/** Clipped to the source; undefined where that is all of it. Inspection has refused a start beyond its end. */
export function planTrim({ duration_s }: MediaInfo, { trim }: EncodingOptions): Trim | undefined {
  if (!trim) return undefined;
  const end_s = Math.min(trim.end_s ?? duration_s, duration_s);
  return trim.start_s > 0 || end_s < duration_s ? { start_s: trim.start_s, end_s } : undefined;
}
