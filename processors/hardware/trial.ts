import type { OutputCodec } from './hardware-report.ts';

/** What a trial shows to work. */
export type Proof =
  | { encodes: OutputCodec }
  | { caps: OutputCodec }
  | { decodes: 'decode' | 'decode10' | 'deinterlace' };

export interface Trial {
  /** e.g. `encode hevc`. */
  what: string;
  proves: Proof;
  /** ffmpeg's arguments; it lists the frames that came out. */
  args: string[];
  /** Why what came out will not do. @param sizes bytes of each frame */
  flaw?: (sizes: readonly number[]) => string | undefined;
}
