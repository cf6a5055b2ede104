import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MediaTools } from '../media-tools.ts';
import { FakeRun, type Step } from './fake-ffmpeg.ts';

export interface FakeFfmpeg {
  /** The given tools with the fake in ffmpeg's place; ffprobe is the real one. */
  tools: MediaTools;
  /** The runs that the fake played, oldest first. */
  runs(): Promise<FakeRun[]>;
  /** Plays another scene from now on. */
  plays(scene: readonly Step[]): Promise<void>;
}

/**
 * An ffmpeg that plays a scene in runs whose arguments contain `where`, and is the real one in all others. The wrapper
 * becomes either by `exec`: what is signalled is what runs.
 * @param where a plain word, such as `_vaapi`
 */
export async function installFakeFfmpeg(
  folder: string,
  tools: MediaTools,
  where: string,
  scene: readonly Step[],
): Promise<FakeFfmpeg> {
  await mkdir(folder, { recursive: true });
  const script = join(folder, 'script.json');
  const runs = join(folder, 'runs.jsonl');
  const ffmpeg = join(folder, 'ffmpeg');
  const program = join(import.meta.dirname, 'fake-ffmpeg.ts');
  const plays = (steps: readonly Step[]) => writeFile(script, JSON.stringify({ scene: steps, runs }));
  await plays(scene);
  await writeFile(
    ffmpeg,
    `#!/bin/sh
case "$*" in
  *${quoted(where)}*) exec ${quoted(process.execPath)} ${quoted(program)} ${quoted(script)} "$@" ;;
esac
exec ${quoted(tools.ffmpeg)} "$@"
`,
    { mode: 0o755 },
  );
  return {
    tools: { ...tools, ffmpeg },
    plays,
    async runs() {
      const lines = (await readFile(runs, 'utf8').catch(() => '')).split('\n').filter(Boolean);
      return lines.map((line) => FakeRun.parse(JSON.parse(line)));
    },
  };
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
