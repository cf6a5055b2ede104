import { readdir } from 'node:fs/promises';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import type { Acceleration } from './hardware-report.ts';

export interface Candidate {
  kind: Acceleration['kind'];
  device?: string;
  /** Arguments that encode a test picture; absent where this ffmpeg has no such encoder. */
  encode?: string[];
  /** Arguments that decode `sample` into device memory, scale it there, and list the frames; absent likewise. */
  decode?: (sample: string) => string[];
}

const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25:duration=0.4'];
const DISCARD = ['-f', 'framecrc', 'pipe:1'];

/** What this ffmpeg lists and this machine might have, best first. Being listed proves nothing yet. */
export async function candidates({ encoders, filters }: MediaTools): Promise<Candidate[]> {
  const found: Candidate[] = [];
  if (encoders.has('h264_nvenc') || filters.has('scale_cuda')) {
    found.push({
      kind: 'cuda',
      ...(encoders.has('h264_nvenc') && {
        encode: [...PICTURE, '-c:v', 'h264_nvenc', '-cq', '25', ...DISCARD],
      }),
      ...(filters.has('scale_cuda') && {
        decode: (sample: string) => onDevice('cuda', [], sample, 'yuv420p'),
      }),
    });
  }
  if (encoders.has('h264_vaapi')) {
    for (const device of await renderNodes()) {
      const init = ['-init_hw_device', `vaapi=va:${device}`, '-filter_hw_device', 'va'];
      const encode = [
        ...init,
        ...PICTURE,
        '-vf',
        'format=nv12,hwupload',
        '-c:v',
        'h264_vaapi',
        '-rc_mode',
        'CQP',
        '-qp',
        '25',
        ...DISCARD,
      ];
      const decode = (sample: string) =>
        onDevice('vaapi', [...init, '-hwaccel_device', 'va'], sample, 'nv12');
      found.push({ kind: 'vaapi', device, encode, ...(filters.has('scale_vaapi') && { decode }) });
    }
  }
  if (encoders.has('h264_qsv')) {
    found.push({
      kind: 'qsv',
      encode: [...PICTURE, '-pix_fmt', 'nv12', '-c:v', 'h264_qsv', '-global_quality', '25', ...DISCARD],
    });
  }
  return found;
}

function onDevice(
  kind: 'cuda' | 'vaapi',
  before: readonly string[],
  sample: string,
  format: string,
): string[] {
  const filters = `scale_${kind}=160:120:format=${format},hwdownload,format=${format}`;
  return [
    ...before,
    '-hwaccel',
    kind,
    '-hwaccel_output_format',
    kind,
    '-i',
    sample,
    '-vf',
    filters,
    ...DISCARD,
  ];
}

async function renderNodes(): Promise<string[]> {
  const names = await readdir('/dev/dri').catch(() => []);
  return names
    .filter((name) => name.startsWith('renderD'))
    .toSorted()
    .map((name) => `/dev/dri/${name}`);
}
