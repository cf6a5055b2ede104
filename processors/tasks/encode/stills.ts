import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PosterSpec, StoryboardSpec } from '@transcodeflow/shared/contracts/pictures.ts';
import { planSheet, tileBytes } from '../../ffmpeg/plan/sheet-plan.ts';
import {
  POSTER_PATTERN,
  posterFrames,
  STORYBOARD_FILE,
  storyboardGrid,
  TILES_FILE,
} from '../../ffmpeg/plan/stills.ts';
import { runFfmpeg } from '../../ffmpeg/run-ffmpeg.ts';
import { stillScore } from '../../ffmpeg/still-score.ts';
import { storyboardVtt } from '../../ffmpeg/storyboard-vtt.ts';
import { storeFile } from '../store-file.ts';
import type { TaskContext } from '../task-handler.ts';

/** What candidates are judged by: noise is averaged away at this size, and they cost little. */
const JUDGED = { width: 320, height: 180 };
const JUDGED_FILE = 'candidates.gray';

/**
 * The candidate that shows the most (see `stillScore`). Where an instant was asked for, the last one.
 * @param least with fewer candidates, none of them is meant
 */
export async function storePoster(poster: PosterSpec, context: TaskContext, least = 1) {
  const { width, height, time_s } = poster;
  const candidates: string[] = [];
  for (let candidate = 1; candidate <= posterFrames(poster); candidate += 1) {
    const path = join(context.workFolder, POSTER_PATTERN.replace('%d', String(candidate)));
    if (await sizeOf(path)) candidates.push(path);
  }
  if (candidates.length < least) return undefined;
  const isChosen = time_s !== undefined || candidates.length < 2;
  const best = isChosen ? candidates.at(-1) : candidates[await indexOfBest(context)];
  return best && { object: await storeFile(context, 'thumbnail.jpg', best), width, height };
}

/** Of the files of `POSTER_PATTERN`, from 0 on. */
export async function indexOfBest({ tools, signal, workFolder: cwd, ran }: TaskContext): Promise<number> {
  const { width, height } = JUDGED;
  // biome-ignore format: an option and its value belong on one line
  const args = [
    '-protocol_whitelist', 'file', '-format_whitelist', 'image2', '-f', 'image2', '-start_number', '1',
    '-i', POSTER_PATTERN, '-vf', `scale=${width}:${height}:flags=area,format=gray`,
    '-fps_mode', 'passthrough', '-f', 'rawvideo', JUDGED_FILE,
  ];
  await runFfmpeg(tools, args, { signal, cwd, ran });
  const pictures = await readFile(join(cwd, JUDGED_FILE));
  const size = width * height;
  const scores = Array.from({ length: Math.floor(pictures.length / size) }, (_, index) =>
    stillScore({ luma: pictures.subarray(index * size, (index + 1) * size), width, height }),
  );
  return Math.max(0, scores.indexOf(Math.max(...scores)));
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
