import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PosterSpec, StoryboardSpec } from '@transcodeflow/shared/contracts/tasks.ts';
import { planSheet, tileBytes } from '../ffmpeg/plan/sheet-plan.ts';
import {
  POSTER_PATTERN,
  posterFrames,
  STORYBOARD_FILE,
  storyboardGrid,
  TILES_FILE,
} from '../ffmpeg/plan/stills.ts';
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import { storyboardVtt } from '../ffmpeg/storyboard-vtt.ts';
import { storeFile } from './store-file.ts';
import type { TaskContext } from './task-handler.ts';

/**
 * The candidate with the most bytes wins: at one quality, black and blurred frames need the fewest. Where an instant was
 * asked for, the last one.
 */
export async function storePoster(poster: PosterSpec, context: TaskContext) {
  const { width, height, time_s } = poster;
  let best: { path: string; size: number } | undefined;
  for (let candidate = 1; candidate <= posterFrames(poster); candidate += 1) {
    const path = join(context.workFolder, POSTER_PATTERN.replace('%d', String(candidate)));
    const size = await sizeOf(path);
    if (size !== undefined && (time_s !== undefined || size > (best?.size ?? 0))) best = { path, size };
  }
  return best && { object: await storeFile(context, 'thumbnail.jpg', best.path), width, height };
}

/**
 * Lays the tiles out on the sheet, in a run of its own that reads only them: within the encode, the sheet would be an
 * output that begins when all others have ended.
 * @param duration_s of the encoded video @param planned_s the duration that the tiles were made for
 */
export async function storeStoryboard(
  spec: StoryboardSpec,
  duration_s: number,
  planned_s: number,
  context: TaskContext,
) {
  const { tools, signal, workFolder: cwd, ran } = context;
  const made = Math.floor(((await sizeOf(join(cwd, TILES_FILE))) ?? 0) / tileBytes(spec));
  if (made === 0) return undefined;
  const planned = storyboardGrid(spec, planned_s);
  await runFfmpeg(tools, planSheet(spec, planned), { signal, cwd, ran });
  const sheet = join(cwd, STORYBOARD_FILE);
  const tiles = Math.min(made, planned.tiles, storyboardGrid(spec, duration_s).tiles);
  const captions = join(context.workFolder, 'storyboard.vtt');
  await writeFile(captions, storyboardVtt(STORYBOARD_FILE, spec, { ...planned, tiles }, duration_s));
  const image = await storeFile(context, STORYBOARD_FILE, sheet);
  const vtt = await storeFile(context, 'storyboard.vtt', captions);
  return { image, vtt, tiles };
}

/** Stores the tiles of a chunk as they are. Where frames end before the last instant, the last picture stays on. */
export async function storeTiles(spec: StoryboardSpec, wanted: number, context: TaskContext) {
  const path = join(context.workFolder, TILES_FILE);
  const size = tileBytes(spec);
  const made = Math.floor(((await sizeOf(path)) ?? 0) / size);
  if (made === 0) return undefined;
  if (made < wanted) {
    const last = (await readFile(path)).subarray((made - 1) * size, made * size);
    for (let tile = made; tile < wanted; tile += 1) await appendFile(path, last);
  }
  return storeFile(context, TILES_FILE, path);
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}
