import type { StoryboardSpec } from '@transcodeflow/shared/contracts/pictures.ts';
import { type Grid, JPEG, STORYBOARD_FILE, TILES_FILE } from './stills.ts';

/** Bytes of one raw tile: a plane of luma and two of chroma, of half the width and height, rounded up. */
export const tileBytes = ({ tile_width, tile_height }: StoryboardSpec) =>
  tile_width * tile_height + 2 * Math.ceil(tile_width / 2) * Math.ceil(tile_height / 2);

/** Arguments that lay the encode's raw tiles out on the sheet; a cell without a tile is black. */
export function planSheet({ tile_width, tile_height }: StoryboardSpec, { columns, rows }: Grid): string[] {
  // biome-ignore format: an option and its value belong on one line
  return [
    '-protocol_whitelist', 'file', '-format_whitelist', 'rawvideo',
    '-f', 'rawvideo', '-pixel_format', 'yuvj420p', '-video_size', `${tile_width}x${tile_height}`,
    '-i', `file:${TILES_FILE}`,
    '-vf', `tile=${columns}x${rows}`, '-frames:v', '1', ...JPEG, '-update', '1', STORYBOARD_FILE,
  ];
}
