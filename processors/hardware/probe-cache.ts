import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import { describeDevices } from './describe-devices.ts';
import { OUTPUT_CODECS } from './hardware-report.ts';
import type { TrialResults } from './run-trials.ts';

/** Drivers' user-space parts are updated without a trace in the identity. */
const LIFETIME_MS = 24 * 3_600_000;

/** Raised with each change of what is tried: results of other trials say too little. */
const TRIALS = 4;

export interface CacheOptions {
  /** Folder of the cached results; made where it is missing. */
  folder: string;
  /** Runs the trials anew whatever is cached. */
  refresh?: boolean;
  now?: () => Date;
  /** What this machine has, e.g. driver versions and device nodes: results hold for these alone. */
  devices?: () => Promise<string[]>;
}

/** Below `WORK_DIR` where it is set, else `XDG_CACHE_HOME/transcodeflow`, by default `~/.cache/transcodeflow`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.WORK_DIR) return join(env.WORK_DIR, 'cache');
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'transcodeflow');
}

const Cached = z.object({
  identity: z.string(),
  probed_at: z.iso.datetime(),
  usable: z.array(
    z.object({
      kind: z.enum(['cuda', 'vaapi', 'qsv']),
      device: z.string().exactOptional(),
      decode: z.boolean(),
      decode10: z.boolean(),
      deinterlace: z.boolean().exactOptional(),
      encode: z.boolean(),
      codecs: z.array(z.enum(OUTPUT_CODECS)),
      capped: z.array(z.enum(OUTPUT_CODECS)).exactOptional(),
    }),
  ),
  tried: z.array(z.object({ candidate: z.string(), what: z.string(), reason: z.string().exactOptional() })),
});

/**
 * The results of an earlier probe of the same ffmpeg on the same devices, if they are less than a day old; else those of
 * `probe`, kept for the next one if they will last. A cache that cannot be read or written costs time only.
 */
export async function cachedTrials(
  tools: MediaTools,
  { folder, refresh = false, now = () => new Date(), devices = describeDevices }: CacheOptions,
  probe: () => Promise<TrialResults>,
): Promise<TrialResults & { cached_from?: string }> {
  const identity = await identityOf(tools, await devices());
  const file = join(
    folder,
    `hardware-${createHash('sha256').update(identity).digest('hex').slice(0, 16)}.json`,
  );
  const known = refresh ? undefined : await read(file);
  const age_ms = known ? now().getTime() - Date.parse(known.probed_at) : Number.NaN;
  // An age below zero: the clock was set back, and nobody knows how old it is.
  if (known?.identity === identity && age_ms >= 0 && age_ms < LIFETIME_MS)
    return { usable: known.usable, tried: known.tried, lasting: true, cached_from: known.probed_at };
  const results = await probe();
  const { usable, tried } = results;
  if (results.lasting)
    await keep(folder, file, JSON.stringify({ identity, probed_at: now().toISOString(), usable, tried }));
  else await rm(file, { force: true }).catch(() => {});
  return results;
}

async function identityOf({ ffmpeg, version }: MediaTools, devices: readonly string[]): Promise<string> {
  const { size, mtimeMs } = await stat(ffmpeg).catch(() => ({ size: 0, mtimeMs: 0 }));
  return JSON.stringify({ trials: TRIALS, ffmpeg, version, size, mtimeMs, devices });
}

async function read(file: string): Promise<z.infer<typeof Cached> | undefined> {
  try {
    return Cached.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Whole or not at all: two processors may start at once. */
async function keep(folder: string, file: string, text: string): Promise<void> {
  const partial = `${file}.${process.pid}`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(partial, text);
    await rename(partial, file);
  } catch {
    await rm(partial, { force: true }).catch(() => {});
  }
}
