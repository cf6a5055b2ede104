import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { measureWindow } from '@transcodeflow/processors/ffmpeg/gate/quality.ts';
import { openTaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import { encode } from '@transcodeflow/processors/tasks/encode/encode.ts';
import { packageTask } from '@transcodeflow/processors/tasks/package/package.ts';
import { rounded, timed } from '../cpu-time.ts';
import { planSource } from '../media/planned-source.ts';
import { encodePerOutput } from './per-output.ts';

interface Tried {
  preset: string;
  crf: number;
  cpu_s: number;
  bytes: Record<string, number>;
  ssim: Record<string, number>;
}

export interface SettingsFigures {
  source: string;
  /** One ffmpeg per output, x264 `fast`, crf 23. */
  per_output_cpu_s: number;
  /** One pass with the same settings, which the others are held against. */
  same_settings: Tried;
  /** Equal SSIM (0.001 less at most) and at most 2 % more bytes, in every rendition. */
  equal: (Tried & { ratio: number })[];
  lowest_ratio: number;
  tried: number;
}

const PRESETS = ['fast', 'faster', 'veryfast'];
const CRFS = [21, 22, 22.5, 22.75, 23, 23.25, 23.5];
const SSIM_LESS = 0.001;
const BYTES_MORE = 1.02;
const HOUR_MS = 3_600_000;

/** Looks for the cheapest one pass that is as good: x264's presets by crf. Each is run once: compare CPU time, not wall. */
export async function benchSettings(
  { seconds }: { seconds: number },
  say: (line: string) => void,
): Promise<SettingsFigures> {
  const bench = await openTaskBench();
  const signal = AbortSignal.timeout(HOUR_MS);
  try {
    const { path, source, media, plan } = await planSource(bench, { seconds }, signal);
    const { video } = media;

    const run = async (preset: string, crf: number): Promise<Tried> => {
      const [encoding, packaging] = [await bench.attempt(signal), await bench.attempt(signal)];
      const renditions = plan.renditions.map((each) => ({ ...each, preset, crf }));
      const { cpu_s, result } = await timed(async () => {
        const encoded = await encode({ kind: 'encode', source, media, ...plan, renditions }, encoding);
        const audio = encoded.audio && { audio: encoded.audio };
        const { segment_s } = plan;
        await packageTask(
          { kind: 'package', renditions: encoded.renditions, segment_s, ...audio },
          packaging,
        );
        return encoded;
      });
      const compared = [];
      for (const { name, width, height, object } of result.renditions)
        compared.push({
          name,
          width,
          height,
          path: await bench.objects.localFile(object.key, packaging.workFolder, signal),
        });
      const figures = await measureWindow(
        bench.tools,
        { path, media: { ...media, video } },
        compared,
        { from_s: 0, length_s: media.duration_s },
        { signal, cwd: packaging.workFolder },
      );
      const tried = {
        preset,
        crf,
        cpu_s: rounded(cpu_s, 2),
        bytes: Object.fromEntries(result.renditions.map(({ name, object }) => [name, object.size_bytes])),
        ssim: Object.fromEntries([...figures].map(([name, { ssim }]) => [name, rounded(ssim, 5)])),
      };
      say(`${preset} ${crf}: ${tried.cpu_s} CPU-s, SSIM ${Object.values(tried.ssim).join(' ')}`);
      return tried;
    };

    const folder = join(bench.folder, 'per-output');
    await mkdir(folder);
    const perOutput = await timed(() => encodePerOutput(bench.tools, path, folder, media, plan));
    say(`one ffmpeg per output: ${perOutput.cpu_s.toFixed(1)} CPU-s`);
    const base = await run('fast', 23);
    const isEqual = ({ bytes, ssim }: Tried) =>
      Object.keys(base.bytes).every(
        (name) =>
          (ssim[name] ?? 0) >= (base.ssim[name] ?? 1) - SSIM_LESS &&
          (bytes[name] ?? Number.POSITIVE_INFINITY) <= (base.bytes[name] ?? 0) * BYTES_MORE,
      );
    const all: Tried[] = [base];
    for (const preset of PRESETS)
      for (const crf of CRFS) if (preset !== 'fast' || crf !== 23) all.push(await run(preset, crf));
    const equal = all
      .filter(isEqual)
      .map((tried) => ({ ...tried, ratio: rounded(tried.cpu_s / perOutput.cpu_s) }))
      .sort((a, b) => a.ratio - b.ratio);
    return {
      source: `1920x1080, ${seconds} s`,
      per_output_cpu_s: rounded(perOutput.cpu_s, 2),
      same_settings: base,
      equal,
      lowest_ratio: equal[0]?.ratio ?? Number.NaN,
      tried: all.length,
    };
  } finally {
    await bench.close();
  }
}
