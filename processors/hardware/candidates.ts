import { readdir } from 'node:fs/promises';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import { deviceEncoderName } from '../ffmpeg/plan/device-encoder.ts';
import { deviceScale } from '../ffmpeg/plan/device-scale.ts';
import { cappedTrial } from './capped-trial.ts';
import { type Acceleration, OUTPUT_CODECS, type OutputCodec } from './hardware-report.ts';
import type { Trial } from './trial.ts';

export interface Candidate {
  /** e.g. `vaapi /dev/dri/renderD128`. */
  label: string;
  /** Absent for what is only tried, as no plan makes use of it. */
  kind?: Acceleration['kind'];
  device?: string;
  /** Why its trials need not run. */
  missing?: string;
  trials: Trial[];
}

/** What decoders are tried on; no 10-bit sample where this ffmpeg cannot make one. */
export interface Samples {
  h264: string;
  hevc10?: string;
}

/** Above the least size of every known hardware encoder. */
export const TEST_PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25:duration=0.4'];
const DISCARD = ['-f', 'framecrc', 'pipe:1'];

/** What this ffmpeg lists and this machine might have, best first. Being listed proves nothing yet. */
export async function candidates(
  tools: MediaTools,
  samples: Samples,
  gpus = nvidiaGpus(),
): Promise<Candidate[]> {
  const { encoders, filters } = tools;
  const encode = (suffix: string, before: readonly string[], options: readonly string[]): Trial[] =>
    OUTPUT_CODECS.filter((codec) => encoders.has(`${codec}_${suffix}`)).map((codec) => ({
      what: `encode ${codec}`,
      proves: { encodes: codec },
      args: [
        ...before,
        ...TEST_PICTURE,
        ...options,
        '-c:v',
        `${codec}_${suffix}`,
        ...(codec === 'av1' && suffix === 'vaapi' ? [] : (QUALITY[suffix] ?? [])),
        ...DISCARD,
      ],
    }));
  const caps = (
    device: Pick<Acceleration, 'kind' | 'device'>,
    codecs: readonly OutputCodec[],
    around: [before: string[], options: string[]],
  ): Trial[] =>
    codecs
      .filter((codec) => encoders.has(deviceEncoderName(device, codec)))
      .map((codec) => cappedTrial(device, codec, [...around, DISCARD]));
  const decode = (kind: Acceleration['kind'], before: readonly string[]): Trial[] => {
    if (!filters.has(`scale_${kind}`)) return [];
    const { h264, hevc10 } = samples;
    const trials: Trial[] = [
      { what: 'decode h264 and scale', proves: { decodes: 'decode' }, args: onDevice(kind, before, h264) },
    ];
    if (hevc10)
      trials.push({
        what: 'decode 10-bit hevc and scale',
        proves: { decodes: 'decode10' },
        args: onDevice(kind, before, hevc10),
      });
    if (filters.has(`bwdif_${kind}`))
      trials.push({
        what: 'deinterlace h264',
        proves: { decodes: 'deinterlace' },
        args: onDevice(kind, before, h264, `bwdif_${kind}=mode=send_frame:deint=all`),
      });
    return trials;
  };
  // One GPU is the default one, whatever its number; CUDA counts those that it sees from 0.
  const count = await gpus;
  const found = Array.from({ length: Math.max(1, count) }, (_, number): Candidate => {
    if (count <= 1)
      return { label: 'cuda', kind: 'cuda', trials: [...encode('nvenc', [], []), ...decode('cuda', [])] };
    const device = String(number);
    const trials = [...encode('nvenc', [], ['-gpu', device]), ...decode('cuda', ['-hwaccel_device', device])];
    return { label: `cuda ${device}`, kind: 'cuda', device, trials };
  });
  const nodes = await renderNodes();
  if (nodes.length === 0)
    found.push({ label: 'vaapi', missing: 'no render node in /dev/dri', trials: encode('vaapi', [], []) });
  for (const device of nodes) {
    const init = ['-init_hw_device', `vaapi=va:${device}`, '-filter_hw_device', 'va'];
    const upload = ['-vf', 'format=nv12,hwupload'];
    const trials = [
      ...encode('vaapi', init, upload),
      // No driver's documentation says on what scale AV1's quality is in this mode.
      ...caps({ kind: 'vaapi', device }, ['h264', 'hevc'], [init, upload]),
      ...decode('vaapi', [...init, '-hwaccel_device', 'va']),
    ];
    found.push({ label: `vaapi ${device}`, kind: 'vaapi', device, trials });
  }
  found.push({
    label: 'qsv',
    kind: 'qsv',
    trials: [
      ...encode('qsv', [], ['-pix_fmt', 'nv12']),
      ...caps({ kind: 'qsv' }, OUTPUT_CODECS, [[], ['-pix_fmt', 'nv12']]),
      ...decode('qsv', []),
    ],
  });
  for (const suffix of UNUSED)
    found.push({ label: suffix, trials: encode(suffix, [], ['-pix_fmt', 'nv12']) });
  return found.filter(({ trials }) => trials.length > 0);
}

/** Constant quality, as each family names it; the rest goes by its default. */
const QUALITY: Record<string, string[]> = {
  nvenc: ['-cq', '25'],
  vaapi: ['-rc_mode', 'CQP', '-qp', '25'],
  qsv: ['-global_quality', '25'],
};

/** Families that are tried to tell an operator what the machine has. */
const UNUSED = ['amf', 'videotoolbox', 'v4l2m2m', 'mf', 'rkmpp'];

function onDevice(
  kind: Acceleration['kind'],
  before: readonly string[],
  sample: string,
  ...first: readonly string[]
): string[] {
  const format = kind === 'cuda' ? 'yuv420p' : 'nv12';
  const scale = deviceScale(kind, { width: 320, height: 240 }, { width: 160, height: 120 }, format);
  const filters = [...first, ...scale, 'hwdownload', `format=${format}`].join(',');
  const frames = ['-hwaccel', kind, '-hwaccel_output_format', kind];
  return [...before, ...frames, '-i', sample, '-vf', filters, ...DISCARD];
}

async function renderNodes(): Promise<string[]> {
  const names = await readdir('/dev/dri').catch(() => []);
  return names
    .filter((name) => name.startsWith('renderD'))
    .toSorted()
    .map((name) => `/dev/dri/${name}`);
}

/** A container has the device files of its own GPUs only. */
async function nvidiaGpus(): Promise<number> {
  const names = await readdir('/dev').catch(() => []);
  return names.filter((name) => /^nvidia\d+$/.test(name)).length;
}
