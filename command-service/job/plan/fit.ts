interface Size {
  width: number;
  height: number;
}

const even = (pixels: number): number => Math.max(2, 2 * Math.round(pixels / 2));

/** Scales so that the short side has the given length; the shape is kept to within the rounding to even pixels. */
export function fitShortSide({ width, height }: Size, shortSide: number): Size {
  const scale = shortSide / Math.min(width, height);
  return { width: even(width * scale), height: even(height * scale) };
}
