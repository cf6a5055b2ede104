import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { Acceleration } from '../../hardware/hardware-report.ts';
import { planEncode } from '../plan/encode-plan.ts';
import { encodeSpec } from './encode-spec.ts';

export const source = { key: 'uploads/1', size_bytes: 1000, content_type: 'video/mp4' };
export const media = (video: Partial<MediaInfo['video']> = {}): MediaInfo => ({
  format: 'mov,mp4,m4a,3gp,3g2,mj2',
  duration_s: 60,
  size_bytes: 1000,
  video: {
    index: 0,
    codec: 'h264',
    pixel_format: 'yuv420p',
    coded_width: 1920,
    coded_height: 1080,
    width: 1920,
    height: 1080,
    rotation: 0,
    frame_rate: 25,
    hdr: false,
    interlaced: false,
    ...video,
  },
  audio: [{ index: 1, codec: 'aac', channels: 2, sample_rate: 44_100, default: true }],
  subtitles: [],
  ignored: [],
});
export const plan = (usable: Acceleration[], video: Partial<MediaInfo['video']> = {}, toneMap = true) =>
  planEncode(encodeSpec(source, media(video)), '/data/source', { usable, toneMap });
/** One option or filter a line, to be read and compared. */
export const golden = ({ args, hardware }: { args: string[]; hardware: string }) => [
  hardware,
  ...args.join(' ').replaceAll(' -', '\n-').replaceAll(';', ';\n  ').split('\n'),
];

export const codecs = (['h264', 'hevc', 'av1'] as const).map((codec) => ({
  name: codec,
  width: 640,
  height: 360,
  codec,
  crf: 25,
  preset: 'fast',
  max_bitrate: 1_000_000,
}));

export const hdr = {
  hdr: true,
  codec: 'hevc',
  color_transfer: 'smpte2084',
  color_primaries: 'bt2020',
  color_space: 'bt2020nc',
  pixel_format: 'yuv420p10le',
};

export const machines: Record<string, Acceleration[]> = {
  CPU: [],
  NVENC: [{ kind: 'cuda', decode: true, decode10: true, deinterlace: true, encode: true }],
  'NVDEC only': [{ kind: 'cuda', decode: true, decode10: true, deinterlace: true, encode: false }],
  VAAPI: [{ kind: 'vaapi', device: '/dev/dri/renderD128', decode: true, decode10: true, encode: true }],
  QSV: [{ kind: 'qsv', decode: false, encode: true }],
};
export const tenBit = { codec: 'hevc', pixel_format: 'yuv420p10le', bit_depth: 10 };
// A phone's portrait video: coded 1920x1080, shown 1080x1920.
export const rotated = { rotation: 90, width: 1080, height: 1920 };

/** Every codec that devices may encode. */
export const all = ['h264', 'hevc', 'av1'] as const;
