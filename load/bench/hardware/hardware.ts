import { planJob } from '@transcodeflow/command-service/job/plan.ts';
import { measureWindow } from '@transcodeflow/processors/ffmpeg/gate/quality.ts';
import { openTaskBench, type TaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import type { Acceleration, HardwareReport } from '@transcodeflow/processors/hardware/hardware-report.ts';
import { probeHardware } from '@transcodeflow/processors/hardware/probe.ts';
import { encode } from '@transcodeflow/processors/tasks/encode/encode.ts';
import { inspect } from '@transcodeflow/processors/tasks/inspect/inspect.ts';
import { rounded, timed } from '../cpu-time.ts';
import { hardwareSources, type NamedSource } from './sources.ts';

interface Run {
  /** e.g. `cuda (decode, scale) + cpu (encode)`. */
  route: string;
  cpu_s: number;
  wall_s: number;
  bytes: number;
  /** Against the source, by rendition. */
  ssim: Record<string, number>;
}

export interface HardwareFigures {
  seconds: number;
  usable: readonly Acceleration[];
  sources: { source: string; cpu: Run; accelerated: Run; ratio: { cpu: number; wall: number } }[];
}

const HOUR_MS = 3_600_000;

/**
 * The default profile's encode of typical sources by the CPU alone and by the route that the planner takes on this machine.
 * @throws {Error} where nothing accelerates, or a run went another way than planned
 */
export async function benchHardware(
  { seconds }: { seconds: number },
  say: (line: string) => void,
): Promise<HardwareFigures> {
  const bench = await openTaskBench();
  try {
    const signal = AbortSignal.timeout(HOUR_MS);
    const hardware = await probeHardware(bench.tools, 'required', { signal });
    const off: HardwareReport = { ...hardware, mode: 'off' };
    const sources: HardwareFigures['sources'] = [];
    for await (const source of hardwareSources(bench, seconds)) {
      const cpu = await run(bench, source, off, signal);
      const accelerated = await run(bench, source, hardware, signal);
      const ratio = {
        cpu: rounded(accelerated.cpu_s / cpu.cpu_s),
        wall: rounded(accelerated.wall_s / cpu.wall_s),
      };
      say(
        `${source.name}: ${accelerated.route}, ${ratio.cpu} of the CPU time, ${ratio.wall} of the wall time`,
      );
      sources.push({ source: source.name, cpu, accelerated, ratio });
    }
    return { seconds, usable: hardware.usable, sources };
  } finally {
    await bench.close();
  }
}

async function run(
  bench: TaskBench,
  { name, path }: NamedSource,
  hardware: HardwareReport,
  signal: AbortSignal,
): Promise<Run> {
  const source = await bench.upload(path);
  const { media } = await inspect({ kind: 'inspect', source, filename: name }, await bench.attempt(signal));
  const { video } = media;
  if (!video) throw new Error(`${name} has no video`);
  const plan = planJob(media, { profile: 'default', thumbnail: undefined, options: {} });
  const attempt = { ...(await bench.attempt(signal)), tools: { ...bench.tools, hardware } };
  const { cpu_s, wall_s, result } = await timed(() =>
    encode({ kind: 'encode', source, media, ...plan }, attempt),
  );
  const [degraded] = attempt.degradations;
  if (degraded) throw new Error(`${name}: ${degraded.from} failed: ${degraded.reason}`);
  const compared = [];
  for (const { name, width, height, object } of result.renditions) {
    const rendition = await bench.objects.localFile(object.key, attempt.workFolder, signal);
    compared.push({ name, width, height, path: rendition });
  }
  const figures = await measureWindow(
    bench.tools,
    { path, media: { ...media, video } },
    compared,
    { from_s: 0, length_s: media.duration_s },
    { signal, cwd: attempt.workFolder },
  );
  return {
    route: result.hardware,
    cpu_s: rounded(cpu_s, 2),
    wall_s: rounded(wall_s, 2),
    bytes: result.renditions.reduce((sum, { object }) => sum + object.size_bytes, 0),
    ssim: Object.fromEntries([...figures].map(([rung, { ssim }]) => [rung, rounded(ssim, 4)])),
  };
}
