import type { WatermarkLook } from '@transcodeflow/shared/contracts/watermark.ts';
import type { Size } from './picture.ts';

/** Our own PNG of the client's picture, in the work folder. */
export const WATERMARK_FILE = 'watermark.png';

/** Options of its input. Read once: `overlay` repeats its only frame. */
// biome-ignore format: an option and its value belong on one line
export const watermarkInput = [
  '-protocol_whitelist', 'file', '-f', 'png_pipe', '-i', `file:${WATERMARK_FILE}`,
];

const PLACES: Record<WatermarkLook['position'], (margin: number) => string> = {
  'top-left': (margin) => `x=${margin}:y=${margin}`,
  'top-right': (margin) => `x=W-w-${margin}:y=${margin}`,
  'bottom-left': (margin) => `x=${margin}:y=H-h-${margin}`,
  'bottom-right': (margin) => `x=W-w-${margin}:y=H-h-${margin}`,
  center: () => 'x=(W-w)/2:y=(H-h)/2',
};

/**
 * Scales the picture for each size from its own, so that it is sharp on all of them, and lays it on: the chains from
 * `[<input>]` and each `bases[i]` to each `outs[i]`.
 * @param matrix the `scale` filter's name of the video's YUV matrix
 */
export function overlays(
  look: WatermarkLook,
  { input, matrix }: { input: string; matrix: string },
  layers: readonly { base: string; out: string; size: Size }[],
): string[] {
  const { opacity } = look;
  const split = layers.map(({ out }) => `[${out}mark]`).join('');
  const faded = opacity < 1 ? `,colorchannelmixer=aa=${opacity}` : '';
  return [
    `[${input}]format=rgba${faded},split=${layers.length}${split}`,
    ...layers.flatMap(({ base, out, size }) => {
      const margin = Math.round(look.margin * Math.min(size.width, size.height));
      const box = `w=${even(look.width * size.width)}:h=${even(size.height - 2 * margin)}`;
      const fit = 'force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bicubic';
      return [
        `[${out}mark]scale=${box}:${fit}:out_color_matrix=${matrix}:out_range=tv,format=yuva420p[${out}fit]`,
        `[${base}][${out}fit]overlay=${PLACES[look.position](margin)}:format=yuv420[${out}]`,
      ];
    }),
  ];
}

const even = (pixels: number): number => Math.max(2, 2 * Math.round(pixels / 2));
