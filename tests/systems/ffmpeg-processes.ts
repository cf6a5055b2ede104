import { readdir, readFile } from 'node:fs/promises';

/** Pids of the ffmpeg processes below a process, however deep, from `/proc`. */
export async function ffmpegBelow(ancestor: number): Promise<number[]> {
  const processes = new Map<number, { parent: number; name: string }>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const match = /^\d+ \((.*)\) (\S) (\d+)/s.exec(stat);
    // A zombie has ended: only its parent has not looked yet.
    if (match?.[1] && match[3] && match[2] !== 'Z')
      processes.set(Number(entry), { parent: Number(match[3]), name: match[1] });
  }
  const isBelow = (pid: number): boolean => {
    const parent = processes.get(pid)?.parent;
    return parent !== undefined && (parent === ancestor || isBelow(parent));
  };
  return [...processes].filter(([pid, { name }]) => name === 'ffmpeg' && isBelow(pid)).map(([pid]) => pid);
}
