/** ffmpeg arguments that tests make their sources with. */
export const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

/** @param rest more options of `testsrc2` */
export const picture = (size: string, rest = ':rate=25:duration=3') => [
  '-f',
  'lavfi',
  '-i',
  `testsrc2=size=${size}${rest}`,
];

export const tone = (duration_s = 3) => ['-f', 'lavfi', '-i', `sine=duration=${duration_s}`];

/** Tags of HDR in 10 bits, to be encoded by libx265. */
export const pq = [
  '-color_trc',
  'smpte2084',
  '-color_primaries',
  'bt2020',
  '-colorspace',
  'bt2020nc',
  '-pix_fmt',
  'yuv420p10le',
];
