import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MediaTools } from '../media-tools.ts';

/** Tools that are both this script, whose first line names what runs it; they know no encoder, filter or muxer. */
export async function scriptedTools(folder: string, name: string, script: string): Promise<MediaTools> {
  const path = join(folder, name);
  await writeFile(path, script, { mode: 0o755 });
  const none = new Set<string>();
  return {
    ffmpeg: path,
    ffprobe: path,
    version: '',
    origin: '',
    encoders: none,
    filters: none,
    muxers: none,
  };
}
