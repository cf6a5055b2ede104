import type { VideoCodec } from '../contracts/rendition.ts';
import type { Rung } from '../contracts/rest/profiles.ts';

/** Short sides in pixels, and caps in bits per second for H.264 at up to 60 pictures a second. */
const STANDARD: readonly Rung[] = [
  { short_side: 240, max_bitrate: 600_000 },
  { short_side: 360, max_bitrate: 1_200_000 },
  { short_side: 480, max_bitrate: 2_000_000 },
  { short_side: 720, max_bitrate: 4_000_000 },
  { short_side: 1080, max_bitrate: 7_500_000 },
  { short_side: 1440, max_bitrate: 14_000_000 },
  { short_side: 2160, max_bitrate: 28_000_000 },
];

/** Of the cap for H.264: newer codecs need less for the same quality. */
const SHARE: Readonly<Record<VideoCodec, number>> = { h264: 1, hevc: 0.65, av1: 0.5 };

/** A cap of one codec as one of another. */
export const scaledCap = (bitrate: number, from: VideoCodec, to: VideoCodec): number =>
  Math.round((bitrate * SHARE[to]) / SHARE[from]);

export const standardLadder = (codec: VideoCodec): Rung[] =>
  STANDARD.map(({ short_side, max_bitrate }) => ({
    short_side,
    max_bitrate: scaledCap(max_bitrate, 'h264', codec),
  }));

/**
 * The rung of a height that someone asks for: of the ladder where it has it, else with the cap of the ladder's next
 * higher one, and above all of them with the highest one's cap by its pixels.
 */
export function rungOf(short_side: number, ladder: readonly Rung[]): Rung {
  const next = ladder.find((rung) => rung.short_side >= short_side);
  if (next) return { short_side, max_bitrate: next.max_bitrate };
  const highest = ladder.at(-1);
  if (!highest) throw new Error('A ladder has a rung at least');
  const pixels = (short_side / highest.short_side) ** 2;
  return { short_side, max_bitrate: Math.round(highest.max_bitrate * pixels) };
}
