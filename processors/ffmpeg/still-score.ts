/** Luma of a small picture, row by row. */
export interface SmallPicture {
  luma: Uint8Array;
  width: number;
  height: number;
}

/** Spread above which more contrast makes no better picture. */
const ENOUGH_SPREAD = 50;
/** An edge above this counts no more: a test card's few hard edges are not worth a picture full of soft ones. */
const HARD_EDGE = 40;
/** What a picture of noise has in each pixel, in medians of its edges, is no detail: two standard deviations. */
const NOISE = 3;

/**
 * How much a still shows: spread of the luma times detail. 0 for black, white and flat; low for fades (little spread) and
 * blur (few edges). Noise has edges everywhere and of one kind, pictures have few strong ones among many weak ones: only what
 * rises above the median edge is detail.
 */
export function stillScore({ luma, width, height }: SmallPicture): number {
  const edges: number[] = [];
  for (let y = 1; y < height - 1; y += 1)
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const of = (index: number) => luma[index] ?? 0;
      edges.push(Math.abs(4 * of(at) - of(at - 1) - of(at + 1) - of(at - width) - of(at + width)));
    }
  if (edges.length === 0) return 0;
  const floor = NOISE * (edges.toSorted((a, b) => a - b)[edges.length >> 1] ?? 0);
  const detail =
    edges.reduce((sum, edge) => sum + Math.min(HARD_EDGE, Math.max(0, edge - floor)), 0) / edges.length;
  const mean = luma.reduce((sum, value) => sum + value, 0) / luma.length;
  const spread = Math.sqrt(luma.reduce((sum, value) => sum + (value - mean) ** 2, 0) / luma.length);
  return Math.min(ENOUGH_SPREAD, spread) * Math.sqrt(detail);
}
