import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { runFfmpeg } from '../run-ffmpeg.ts';

/** Runs an ffmpeg that never ends and prints its process id: the parent in the test of orphans. */
const [, , ffmpeg = 'ffmpeg'] = process.argv;
const none = new Set<string>();
const tools = { ffmpeg, ffprobe: '', version: '', origin: '', encoders: none, filters: none, muxers: none };
const args = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25', '-f', 'null', '-'];
let told = false;
await runFfmpeg(tools, args, {
  signal: new AbortController().signal,
  cwd: tmpdir(),
  onProgress: () => {
    if (told) return;
    told = true;
    process.stdout.write(String(childRunning(ffmpeg)));
  },
});

function childRunning(program: string): number | undefined {
  const children = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return parent === process.pid && readFileSync(`/proc/${name}/cmdline`, 'utf8').startsWith(program);
    } catch {
      return false;
    }
  });
  return Number(children[0]);
}
