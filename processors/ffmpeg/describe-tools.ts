import { execa } from 'execa';
import type { MediaTools } from './media-tools.ts';

/** The oldest ffmpeg with all that is used: `-fps_mode`, `ts_sync_mode` and autorotation side data came with 5.1. */
const OLDEST = [5, 1] as const;

const NEEDED = {
  encoders: ['libx264', 'aac', 'mjpeg'],
  filters: [
    'scale',
    'split',
    'fps',
    'tile',
    'thumbnail',
    'select',
    'setparams',
    'bwdif',
    'aresample',
    'ssim',
    'psnr',
  ],
  muxers: ['mp4', 'tee', 'hls', 'image2', 'framecrc', 'null'],
} as const;

/** Asks an ffmpeg what it is and what it can do. @throws when it cannot be run, is too old or lacks something. */
export async function describeTools(ffmpeg: string, ffprobe: string, origin: string): Promise<MediaTools> {
  const ask = async (program: string, flag: string) =>
    (await execa(program, ['-hide_banner', flag], { timeout: 20_000 })).stdout;
  const [banner, encoders, filters, muxers, ...protocols] = await Promise.all([
    execa(ffmpeg, ['-version'], { timeout: 20_000 }).then(({ stdout }) => stdout),
    ask(ffmpeg, '-encoders'),
    ask(ffmpeg, '-filters'),
    ask(ffmpeg, '-muxers'),
    ask(ffmpeg, '-protocols'),
    ask(ffprobe, '-protocols'),
  ]);
  const tools: MediaTools = {
    ffmpeg,
    ffprobe,
    version: /^ffmpeg version (\S+)/.exec(banner)?.[1] ?? 'unknown',
    origin,
    encoders: secondColumn(encoders),
    filters: secondColumn(filters),
    muxers: secondColumn(muxers),
    http: protocols.every((listing) => /^Input:.*^\s+http$.*^Output:/ms.test(listing)),
  };
  const missing = lacks(tools);
  if (missing.length > 0) throw new Error(`ffmpeg ${tools.version} ${missing.join(', ')}`);
  return tools;
}

function lacks(tools: MediaTools): string[] {
  const complaints = (['encoders', 'filters', 'muxers'] as const).flatMap((group) =>
    NEEDED[group]
      .filter((name) => !tools[group].has(name))
      .map((name) => `lacks the ${group.slice(0, -1)} ${name}`),
  );
  return isRecent(tools.version) ? complaints : [`is older than ${OLDEST.join('.')}`, ...complaints];
}

/** Builds from git (`N-1234-gabc`) carry no version: they are judged by what they can do alone. */
export function isRecent(version: string): boolean {
  const release = /^n?(\d+)\.(\d+)/.exec(version);
  if (!release) return true;
  const [major, minor] = [Number(release[1]), Number(release[2])];
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** ` V....D libx264   description` → `libx264`; muxers list aliases with commas. */
function secondColumn(listing: string): Set<string> {
  const names = listing.split('\n').map((line) => /^\s*[A-Z.|]+\s+([\w,-]+)\s/.exec(line)?.[1] ?? '');
  return new Set(names.flatMap((name) => name.split(',')).filter(Boolean));
}
