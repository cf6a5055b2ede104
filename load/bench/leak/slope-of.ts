export interface Slope {
  slope: number;
  /** Standard error of the slope, from how far the points are off the line. */
  error: number;
}

/** Of the straight line that is nearest to the points (least squares); 0 for fewer than two. */
export function slopeOf(points: readonly { x: number; y: number }[]): Slope {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x0, y0] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))];
  const above = points.reduce((sum, { x, y }) => sum + (x - x0) * (y - y0), 0);
  const below = points.reduce((sum, { x }) => sum + (x - x0) ** 2, 0);
  if (!(below > 0)) return { slope: 0, error: 0 };
  const slope = above / below;
  const off = points.reduce((sum, { x, y }) => sum + (y - y0 - slope * (x - x0)) ** 2, 0);
  return { slope, error: points.length > 2 ? Math.sqrt(off / (points.length - 2) / below) : 0 };
}
