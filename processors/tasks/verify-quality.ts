import type { Film } from '@transcodeflow/shared/contracts/media.ts';
import type { Quality } from '@transcodeflow/shared/contracts/task-results.ts';
import { type Compared, type Figures, measureWindow } from '../ffmpeg/gate/quality.ts';
import { qualityWindows } from '../ffmpeg/gate/quality-windows.ts';
import type { TaskContext } from './task-handler.ts';
import type { Gate } from './verify-gate.ts';

/**
 * Below this the pictures are not those of the source: green frames, a shifted clock, another video. How much was
 * lost to compression is reported, not judged: a film of noise is allowed to look bad.
 */
const LEAST_ALIKE = 20;

/**
 * Quality of each rendition, the mean over the windows by their length. Where no figures are wanted, only the first
 * second is compared, to see that it shows what the source shows, and nothing is reported.
 */
export async function verifyQuality(
  source: { path: string; media: Film },
  renditions: readonly Compared[],
  { duration_s, figures: wanted }: { duration_s: number; figures: boolean },
  gate: Gate,
  context: TaskContext,
): Promise<Record<string, Quality>> {
  const { tools, signal, workFolder: cwd, ran } = context;
  const measured = new Map<string, { quality: Figures; length_s: number }[]>();
  const windows = wanted ? qualityWindows(duration_s) : [];
  // Where the source cannot be entered in its midst (one keyframe at its start), its start is compared instead.
  const start = { from_s: 0, length_s: Math.min(duration_s, 1) };
  for (const window of [...windows, start]) {
    if (window === start && measured.size > 0) break;
    const figures = await measureWindow(tools, source, renditions, window, { signal, cwd, ran });
    for (const [name, quality] of figures)
      measured.set(name, [...(measured.get(name) ?? []), { quality, length_s: window.length_s }]);
  }
  const result: Record<string, Quality> = {};
  for (const { name } of renditions) {
    const compared = measured.get(name) ?? [];
    const sampled_s = compared.reduce((sum, { length_s }) => sum + length_s, 0);
    if (sampled_s === 0) {
      gate.check(name, 'quality', false, 'no frame could be compared with the source');
      continue;
    }
    const mean = (of: (quality: Figures) => number) =>
      compared.reduce((sum, { quality, length_s }) => sum + of(quality) * length_s, 0) / sampled_s;
    const scored = compared.every(({ quality }) => quality.vmaf !== undefined);
    const quality = {
      ssim: mean(({ ssim }) => ssim),
      psnr: mean(({ psnr }) => psnr),
      sampled_s,
      ...(scored && { vmaf: mean(({ vmaf = 0 }) => vmaf) }),
    };
    if (wanted) result[name] = quality;
    const alike = mean((figures) => figures.alike);
    const figures = `SSIM ${quality.ssim.toFixed(4)}, PSNR ${quality.psnr.toFixed(1)} dB over ${sampled_s.toFixed(1)} s`;
    gate.check(name, 'same pictures', alike >= LEAST_ALIKE, `${alike.toFixed(1)} dB alike, ${figures}`);
  }
  return result;
}
