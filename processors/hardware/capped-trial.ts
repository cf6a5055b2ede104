import { deviceEncoder } from '../ffmpeg/plan/device-encoder.ts';
import type { Acceleration, OutputCodec } from './hardware-report.ts';
import type { Trial } from './trial.ts';

const RATE = 25;
/** Of noise: more than the buffer holds, so that only the cap is left to decide the last two. */
const BUSY_S = 4;
/** Of a picture that stands still after it. */
const CALM_S = 2;
const CAP = 1_000_000;

/** As a check of one encoder, a rate may be off by so much; an uncapped one has four times the cap there and more. */
const OVER = 1.5;
/** A still picture costs next to nothing, unless a driver fills up to some least rate. */
const CALM = 0.4;

const PICTURE = `smptebars=size=320x240:rate=${RATE}:duration=${BUSY_S + CALM_S},noise=alls=100:allf=t:enable='lt(t,${BUSY_S})'`;

/**
 * Constant quality below a cap (QVBR), as plans ask for it: drivers refuse it, or take it and do as they like, so it is
 * used only where noise was seen to stay below the cap and a still picture to cost little.
 * @param around arguments before the input, before the encoder's, and after them
 */
export function cappedTrial(
  device: Pick<Acceleration, 'kind' | 'device'>,
  codec: OutputCodec,
  [before, options, after]: readonly [before: string[], options: string[], after: string[]],
): Trial {
  const able: Acceleration = { ...device, decode: false, encode: true, codecs: [codec], capped: [codec] };
  const size = { name: 'trial', width: 320, height: 240 };
  const rendition = { ...size, codec, crf: 23, preset: 'fast', max_bitrate: CAP };
  const encoder = deviceEncoder(able, rendition).flatMap(([name, value]) => [`-${name}:v:0`, String(value)]);
  return {
    what: `keep ${codec} below a cap`,
    proves: { caps: codec },
    args: [...before, '-f', 'lavfi', '-i', PICTURE, ...options, ...encoder, ...after],
    flaw,
  };
}

/** @param sizes bytes of each frame */
export function flaw(sizes: readonly number[]): string | undefined {
  const all = RATE * (BUSY_S + CALM_S);
  if (sizes.length !== all) return `${sizes.length} frames of ${all} came out`;
  const rate = (from_s: number, to_s: number) =>
    sizes.slice(from_s * RATE, to_s * RATE).reduce((sum, size) => sum + size * 8, 0) / (to_s - from_s);
  const busy = rate(BUSY_S - 2, BUSY_S);
  const calm = rate(BUSY_S + CALM_S - 1, BUSY_S + CALM_S);
  // Written so that sizes that are no numbers will not do either.
  if (!(busy <= OVER * CAP)) return `${kbit(busy)} where at most ${kbit(CAP)} were asked for`;
  if (!(calm <= CALM * CAP)) return `${kbit(calm)} for a still picture`;
  return undefined;
}

const kbit = (rate: number) => `${Math.round(rate / 1000)} kbit/s`;
