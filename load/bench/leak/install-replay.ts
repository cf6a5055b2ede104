import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MediaTools } from '@transcodeflow/processors/ffmpeg/media-tools.ts';

export interface ReplayedTools {
  ffmpeg: string;
  ffprobe: string;
  /** Different runs that the real tools were needed for. */
  recorded(): Promise<number>;
}

/** Programs that run the real tools once for each different run, and then answer as those did (`replay.sh`). */
export async function installReplay(
  folder: string,
  tools: Pick<MediaTools, 'ffmpeg' | 'ffprobe'>,
): Promise<ReplayedTools> {
  const store = join(folder, 'runs');
  await mkdir(store, { recursive: true });
  const install = async (name: 'ffmpeg' | 'ffprobe') => {
    const path = join(folder, name);
    const words = ['/bin/sh', join(import.meta.dirname, 'replay.sh'), store, tools[name]].map(quoted);
    await writeFile(path, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 });
    return path;
  };
  return {
    ffmpeg: await install('ffmpeg'),
    ffprobe: await install('ffprobe'),
    recorded: async () => (await readdir(store)).filter((name) => /^[0-9a-f]{32}$/.test(name)).length,
  };
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
