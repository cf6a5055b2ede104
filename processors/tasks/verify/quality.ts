import type { Quality } from '@transcodeflow/shared/contracts/task-results.ts';
import { keyframesBefore } from '../../ffmpeg/gate/keyframes-before.ts';
import { type Compared, type Figures, measureWindow, type QualitySource } from '../../ffmpeg/gate/quality.ts';
import { chunkQualityWindow, qualityWindows, type Window } from '../../ffmpeg/gate/quality-windows.ts';
import type { TaskContext } from '../task-handler.ts';
import { type Gate, seconds } from './gate.ts';

/**
 * Below this the pictures are not those of the source: green frames, a shifted clock, another video. No window may be
 * below, nor any stretch in which the output shows nothing.
 */
const LEAST_ALIKE = 20;

/** Stretches without a picture that are looked at, each for this long: three frames at 24 a second. */
const MOST_FLAT = 2;
const FLAT_LOOK_S = 0.125;

/** From this share of its cap on, a rate is held down by it, and so is the quality. */
const CAPPED = 0.7;

export interface Judged extends Compared {
  /** Bits of its pictures in each second. */
  bits: readonly number[];
  /** Where it shows nothing, longest first. */
  flat: readonly Window[];
  max_bitrate?: number | undefined;
  /** Floor of the quality where the constant quality decides; how much a cap costs is reported, not judged. */
  least_ssim?: number | undefined;
}

/**
 * Quality of each rendition, the mean over the windows by their length. Where no figures are wanted, only the first
 * second is compared, to see that it shows what the source shows, and nothing is reported. `part` is what there is of the
 * renditions, where it is not all.
 */
export async function verifyQuality(
  source: QualitySource,
  renditions: readonly Judged[],
  { duration_s, figures: wanted, part }: { duration_s: number; figures: boolean; part?: Window },
  gate: Gate,
  context: TaskContext,
): Promise<Record<string, Quality>> {
  const { tools, signal, workFolder: cwd, ran } = context;
  const measured = new Map<string, (Window & { quality: Figures })[]>();
  const look = async (window: Window) =>
    measureWindow(tools, source, renditions, window, { signal, cwd, ran });
  const chosen = part ? [chunkQualityWindow(part, duration_s)] : qualityWindows(duration_s);
  const windows = wanted ? await fromKeyframes(chosen, source, context) : [];
  // Where the source cannot be entered in its midst (one keyframe at its start), its start is compared instead.
  const start = { from_s: part?.from_s ?? 0, length_s: Math.min(part?.length_s ?? duration_s, 1) };
  for (const window of [...windows, start]) {
    if (window === start && measured.size > 0) break;
    for (const [name, quality] of await look(window))
      measured.set(name, [...(measured.get(name) ?? []), { quality, ...window }]);
  }
  const alike = new Map(
    [...measured].map(([name, looks]) => [
      name,
      looks.map(({ quality, from_s }) => ({ from_s, alike: quality.alike })),
    ]),
  );
  for (const window of flatWindows(renditions, windows))
    for (const [name, quality] of await look(window))
      alike.get(name)?.push({ from_s: window.from_s, alike: quality.alike });

  const result: Record<string, Quality> = {};
  for (const rendition of renditions) {
    const { name } = rendition;
    const compared = measured.get(name) ?? [];
    const quality = meanQuality(compared);
    const least = alike.get(name)?.toSorted((a, b) => a.alike - b.alike)[0];
    if (!quality || !least) {
      gate.check(name, 'quality', false, 'no frame could be compared with the source');
      continue;
    }
    if (wanted) result[name] = quality;
    const figures = `SSIM ${quality.ssim.toFixed(4)}, PSNR ${quality.psnr.toFixed(1)} dB over ${quality.sampled_s.toFixed(1)} s`;
    const where = `${least.alike.toFixed(1)} dB alike at ${seconds(least.from_s)}`;
    const same = least.alike >= LEAST_ALIKE;
    gate.check(name, 'same pictures', same, `${where}, ${figures}`);
    // Other pictures are no matter of quality.
    if (wanted && same) checkFloor(rendition, quality.ssim, compared, gate);
  }
  return result;
}

export function meanQuality(
  compared: readonly (Window & { quality: Omit<Figures, 'alike'> })[],
): Quality | undefined {
  const sampled_s = compared.reduce((sum, { length_s }) => sum + length_s, 0);
  if (sampled_s === 0) return undefined;
  const mean = (of: (quality: Omit<Figures, 'alike'>) => number) =>
    compared.reduce((sum, { quality, length_s }) => sum + of(quality) * length_s, 0) / sampled_s;
  const scored = compared.every(({ quality }) => quality.vmaf !== undefined);
  return {
    ssim: mean(({ ssim }) => ssim),
    psnr: mean(({ psnr }) => psnr),
    sampled_s,
    ...(scored && { vmaf: mean(({ vmaf = 0 }) => vmaf) }),
  };
}

/** @param windows where it was measured */
export function checkFloor(
  { name, bits, max_bitrate, least_ssim }: Pick<Judged, 'name' | 'bits' | 'max_bitrate' | 'least_ssim'>,
  ssim: number,
  windows: readonly Window[],
  gate: Gate,
): void {
  if (least_ssim === undefined) return;
  const rate = Math.max(...windows.map((window) => rateAround(bits, window)));
  const capped = max_bitrate !== undefined && rate >= CAPPED * max_bitrate;
  const rates = `${Math.round(rate / 1000)} of at most ${Math.round((max_bitrate ?? 0) / 1000)} kbit/s`;
  gate.check(
    name,
    'quality floor',
    capped || ssim >= least_ssim,
    `SSIM ${ssim.toFixed(4)}, ${capped ? 'the cap decides' : `at least ${least_ssim}`}, ${rates}`,
  );
}

/** The mean rate over a window and the two seconds before it, in which its buffer was spent. */
function rateAround(bits: readonly number[], { from_s, length_s }: Window): number {
  const first = Math.max(0, Math.floor(from_s) - 2);
  const seconds = bits.slice(first, Math.floor(from_s + length_s) + 1);
  return seconds.reduce((sum, value) => sum + (value ?? 0), 0) / Math.max(1, seconds.length);
}

/** Moves windows to the source's keyframe before them, where it is near: what lies between need not be decoded. */
async function fromKeyframes(
  windows: readonly Window[],
  source: QualitySource,
  { tools, signal }: TaskContext,
): Promise<Window[]> {
  const instants_s = windows.map(({ from_s }) => from_s);
  const keyframes_s = await keyframesBefore(tools, source, instants_s, signal);
  const moved: Window[] = [];
  let free_s = 0;
  for (const [index, window] of windows.entries()) {
    const { length_s } = window;
    const keyframe_s = keyframes_s[index];
    // Not into what the window before shows: that is its own keyframe.
    const isFree = keyframe_s !== undefined && keyframe_s >= free_s;
    moved.push(isFree ? { from_s: keyframe_s, length_s } : window);
    free_s = (moved.at(-1)?.from_s ?? 0) + length_s;
  }
  return moved;
}

/** The middle of the longest stretches that the windows leave out. */
function flatWindows(renditions: readonly Judged[], windows: readonly Window[]): Window[] {
  const isSeen = (at_s: number) =>
    windows.some(({ from_s, length_s }) => at_s >= from_s && at_s <= from_s + length_s);
  const chosen: Window[] = [];
  for (const { from_s, length_s } of renditions
    .flatMap(({ flat }) => flat)
    .toSorted((a, b) => b.length_s - a.length_s)) {
    const middle_s = from_s + length_s / 2;
    const isNear = chosen.some((other) => Math.abs(other.from_s - middle_s) < 1);
    if (chosen.length >= MOST_FLAT || isNear || isSeen(middle_s)) continue;
    chosen.push({ from_s: Math.max(0, middle_s - FLAT_LOOK_S / 2), length_s: FLAT_LOOK_S });
  }
  return chosen;
}
