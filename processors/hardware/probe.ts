import type { MediaTools } from '../ffmpeg/media-tools.ts';
import type { HardwareMode, HardwareReport } from './hardware-report.ts';
import { type CacheOptions, cachedTrials } from './probe-cache.ts';
import { runTrials, type TrialResults } from './run-trials.ts';

/**
 * Finds out what accelerates on this machine by running a tiny encode and a tiny decode on every candidate: that a
 * device file or `nvidia-smi` exists proves nothing (an H100 decodes, but has no encoder). Once, at start: some
 * 200 ms without hardware.
 * @param cache where results of earlier runs lie; without, every trial is run
 * @throws Error where the mode is `required` and nothing works, with the reason of each candidate
 */
export async function probeHardware(
  tools: MediaTools,
  mode: HardwareMode = 'auto',
  { signal = new AbortController().signal, cache }: { signal?: AbortSignal; cache?: CacheOptions } = {},
): Promise<HardwareReport> {
  if (mode === 'off') return { mode, usable: [], rejected: [] };
  const probe = () => runTrials(tools, signal);
  let found: TrialResults & { cached_from?: string } = cache
    ? await cachedTrials(tools, cache, probe)
    : await probe();
  // Who asks again for what was missing has likely just put it right.
  if (mode === 'required' && found.usable.length === 0 && cache && found.cached_from)
    found = await cachedTrials(tools, { ...cache, refresh: true }, probe);
  const { usable, tried } = found;
  const rejected = tried.flatMap(({ candidate, what, reason }) =>
    reason === undefined ? [] : [{ candidate: `${candidate} ${what}`, reason }],
  );
  if (mode === 'required' && usable.length === 0) {
    const reasons = rejected.map(({ candidate, reason }) => `${candidate}: ${reason}`).join('; ');
    throw new Error(
      `HARDWARE=required, but nothing accelerates here (${reasons || 'this ffmpeg has no hardware encoder'})`,
    );
  }
  return {
    mode,
    usable,
    rejected,
    tried,
    ...(found.cached_from && { cached_from: found.cached_from }),
  };
}
