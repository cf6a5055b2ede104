import type { Input } from '../input.ts';
import { H264, moving } from '../make-media.ts';

const gives = { renditions: { '180p': '320x180' }, lasts: 1, frames: 25, audio: false } as const;

const hdr = (name: string, transfer: string): Input => ({
  name: `${name} in ten bits`,
  file: `${name}.mp4`,
  make: (media, file) =>
    media(
      ...moving(),
      ...['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none', '-tag:v', 'hvc1'],
      ...['-pix_fmt', 'yuv420p10le', '-color_trc', transfer],
      ...['-color_primaries', 'bt2020', '-colorspace', 'bt2020nc', file],
    ),
  gives,
});

const encoded = (name: string, file: string, ...options: string[]): Input => ({
  name,
  file,
  make: (media, output) => media(...moving(), ...options, output),
  gives,
});

/** Bit depths, chroma and dynamic ranges. */
export const colour: readonly Input[] = [
  hdr('HDR10', 'smpte2084'),
  hdr('HLG', 'arib-std-b67'),
  encoded('ten bits, 4:2:0', 'ten-bits.mkv', ...H264, '-pix_fmt', 'yuv420p10le'),
  encoded('ProRes 4:2:2', 'prores.mov', '-c:v', 'prores_ks', '-profile:v', '3', '-pix_fmt', 'yuv422p10le'),
  encoded('ProRes 4444 with alpha', 'prores-4444.mov', '-c:v', 'prores_ks', '-pix_fmt', 'yuva444p10le'),
  encoded('DNxHR 4:2:2', 'dnxhr.mov', '-c:v', 'dnxhd', '-profile:v', 'dnxhr_sq', '-pix_fmt', 'yuv422p'),
  encoded('full range MJPEG', 'mjpeg.mov', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p'),
  encoded('RGB', 'rgb.avi', '-c:v', 'rawvideo', '-pix_fmt', 'bgr24'),
];
