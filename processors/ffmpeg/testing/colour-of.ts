import { execa } from 'execa';
import type { TaskBench } from './task-bench.ts';

/** The average colour of a region (`crop`'s arguments) of a stored object's first frame, as [red, green, blue]. */
export async function colourOf(bench: TaskBench, key: string, crop: string): Promise<number[]> {
  const path = await bench.objects.localFile(key, bench.folder);
  const shrink = `crop=${crop},scale=1:1:flags=area`;
  const args = ['-v', 'error', '-i', path, '-frames:v', '1', '-vf', shrink, '-pix_fmt', 'rgb24'];
  const { stdout } = await execa(bench.tools.ffmpeg, [...args, '-f', 'rawvideo', '-'], {
    encoding: 'buffer',
  });
  return [...stdout];
}
