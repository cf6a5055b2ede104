import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { describeTools } from './describe-tools.ts';
import type { MediaTools } from './media-tools.ts';
import { packagedTools } from './packaged-tools.ts';

/**
 * Finds an ffmpeg that can do all that is needed: `FFMPEG_PATH` (with `FFPROBE_PATH`, or the ffprobe beside it),
 * else one on `PATH`, else the npm packages. A configured one that does not do is an error, never passed over.
 * @throws Error saying what was tried and what to do.
 */
export async function findMediaTools(env: NodeJS.ProcessEnv = process.env): Promise<MediaTools> {
  if (env.FFMPEG_PATH) {
    const ffprobe = env.FFPROBE_PATH ?? join(dirname(env.FFMPEG_PATH), 'ffprobe');
    try {
      return await describeTools(env.FFMPEG_PATH, ffprobe, 'FFMPEG_PATH');
    } catch (cause) {
      throw new Error(
        `FFMPEG_PATH=${env.FFMPEG_PATH} (ffprobe: ${ffprobe}) cannot be used: ${firstLine(cause)}`,
        { cause },
      );
    }
  }
  const tried: string[] = [];
  const attempt = async (origin: string, ffmpeg: string | undefined, ffprobe: string | undefined) => {
    if (!ffmpeg || !ffprobe) {
      tried.push(`${origin}: none`);
      return undefined;
    }
    return describeTools(ffmpeg, ffprobe, origin).catch((error: unknown) => {
      tried.push(`${origin}: ${firstLine(error)}`);
      return undefined;
    });
  };
  const onPath = await attempt(
    'PATH',
    await which('ffmpeg', env),
    env.FFPROBE_PATH ?? (await which('ffprobe', env)),
  );
  if (onPath) return onPath;
  const packaged = await packagedTools();
  const fromPackage = await attempt('npm package', packaged?.ffmpeg, packaged?.ffprobe);
  if (fromPackage) return fromPackage;
  throw new Error(
    `No usable ffmpeg (${tried.join('; ')}). Install ffmpeg 5.1 or newer with libx264, or set FFMPEG_PATH and FFPROBE_PATH to one.`,
  );
}

async function which(program: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, program);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

const firstLine = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
