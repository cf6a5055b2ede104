import { colour } from './families/colour.ts';
import { containers } from './families/containers.ts';
import { geometry } from './families/geometry.ts';
import { real } from './families/real.ts';
import { timing } from './families/timing.ts';
import { tracksFamily } from './families/tracks.ts';
import type { Input } from './input.ts';

/** Every kind of input that the engine promises something for. */
export const inputs: readonly Input[] = [
  ...geometry,
  ...colour,
  ...timing,
  ...containers,
  ...tracksFamily,
  ...real,
];
