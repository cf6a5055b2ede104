import { readdir, readFile } from 'node:fs/promises';

export interface Running {
  pid: number;
  parent: number;
  command: string;
}

/** All processes of the machine. Linux only. */
export async function processTable(): Promise<Running[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  return (await Promise.all(pids.map(read))).filter((each) => each !== undefined);
}

/** All processes below `root`, without it. @param all as they were just now; absent: they are looked at */
export async function descendants(root: number, all?: readonly Running[]): Promise<Running[]> {
  const table = all ?? (await processTable());
  const below = new Set([root]);
  // A child may have a lower number than its parent: until nothing is added.
  for (let before = 0; before < below.size; ) {
    before = below.size;
    for (const { pid, parent } of table) if (below.has(parent)) below.add(pid);
  }
  return table.filter(({ pid }) => pid !== root && below.has(pid));
}

async function read(pid: number): Promise<Running | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    return { pid, parent, command };
  } catch {
    // Ended meanwhile.
    return undefined;
  }
}

/**
 * What a process holds, in bytes; pages that several share are divided among them. Of another user's process (a
 * container's) only its own and its files' pages may be seen, which then count whole. 0 for one that has ended.
 */
export async function proportionalSetSize(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const pss = kibibytes(rollup, 'Pss');
  if (pss !== undefined) return pss * 1_024;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return ((kibibytes(status, 'RssAnon') ?? 0) + (kibibytes(status, 'RssFile') ?? 0)) * 1_024;
}

function kibibytes(text: string, name: string): number | undefined {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Which of the system's parts a command line is. */
export function partOf(command: string): string {
  if (/(^|\/)(ffmpeg|ffprobe)( |$)/.test(command)) return 'ffmpeg and ffprobe';
  if (/moonshine-process/.test(command)) return 'speech engine';
  if (/postgres/.test(command)) return 'postgres';
  const script = /(\S+)\/main\.ts/.exec(command)?.[1];
  return script === 'infra/standalone' ? 'all services (embedded)' : (script ?? 'other');
}
