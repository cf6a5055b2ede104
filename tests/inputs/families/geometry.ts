import type { Input, Package } from '../input.ts';
import { H264, moving, quartered } from '../make-media.ts';

const silent = { lasts: 1, frames: 25, audio: false } as const satisfies Partial<Package>;

const turned = (degrees: number, size: `${number}x${number}`, quarters: Package['quarters']): Input => ({
  name: `shown turned by ${degrees} degrees`,
  file: `turned-${degrees}.mp4`,
  async make(media, file) {
    await media(...quartered(320, 180), ...H264, `upright-${degrees}.mp4`);
    // The option counts counter-clockwise.
    const matrix = ['-display_rotation', String(-degrees)];
    return media(...matrix, '-i', `upright-${degrees}.mp4`, '-c', 'copy', file);
  },
  gives: { ...silent, renditions: { '180p': size }, quarters },
});

const ofSize = (name: string, source: string, renditions: Package['renditions']): Input => ({
  name,
  file: `${name.replaceAll(' ', '-')}.mkv`,
  make: (media, file) =>
    media(
      ...moving('640x480'),
      '-vf',
      `format=gbrp,scale=${source.replace('x', ':')},setsar=1`,
      ...H264,
      '-pix_fmt',
      'yuv444p',
      file,
    ),
  gives: { ...silent, renditions },
});

/** Sizes, shapes and turns of pictures. */
export const geometry: readonly Input[] = [
  turned(90, '180x320', ['blue', 'red', 'yellow', 'green']),
  turned(180, '320x180', ['yellow', 'blue', 'green', 'red']),
  turned(270, '180x320', ['green', 'yellow', 'red', 'blue']),
  ofSize('portrait', '180x320', { '180p': '180x320' }),
  ofSize('ultrawide', '960x120', { '120p': '960x120' }),
  ofSize('odd sides', '321x181', { '180p': '320x180' }),
  ofSize('tiny', '16x16', { '16p': '16x16' }),
  ofSize('a few pixels', '3x5', { '2p': '2x4' }),
  {
    name: 'wide pixels (PAL at 16:9)',
    file: 'anamorphic.mp4',
    make: (media, file) => media(...quartered(180, 144), '-vf', 'setsar=64/45', ...H264, file),
    gives: { ...silent, renditions: { '144p': '256x144' }, quarters: ['red', 'green', 'blue', 'yellow'] },
  },
  {
    name: 'large enough for a rung of the ladder, wide pixels and turned',
    file: 'anamorphic-turned.mp4',
    async make(media, file) {
      await media(...moving('480x360'), '-vf', 'setsar=4/3', ...H264, 'anamorphic-upright.mp4');
      return media('-display_rotation', '-90', '-i', 'anamorphic-upright.mp4', '-c', 'copy', file);
    },
    gives: { ...silent, renditions: { '360p': '360x640' } },
  },
  {
    name: 'another resolution from the middle on',
    file: 'resolution-change.ts',
    async make(media, file) {
      await media(...moving('320x240'), ...H264, 'first-half.ts');
      await media(...moving('160x120'), ...H264, '-output_ts_offset', '1', 'second-half.ts');
      const halves = [media.path('first-half.ts'), media.path('second-half.ts')].join('|');
      return media('-f', 'mpegts', '-i', `concat:${halves}`, '-c', 'copy', file);
    },
    gives: { ...silent, renditions: { '240p': '320x240' }, lasts: 2, lasts_within: 0.15, frames: [49, 51] },
  },
  {
    // ffmpeg turns pictures before any filter of ours, and sets its filters up anew for the other size, which loses frames.
    name: 'another resolution from the middle on, and turned',
    file: 'turned-change.mp4',
    async make(media, file) {
      await media(...quartered(320, 180), ...H264, 'upright-a.ts');
      await media(...quartered(640, 360), ...H264, '-output_ts_offset', '1', 'upright-b.ts');
      const halves = [media.path('upright-a.ts'), media.path('upright-b.ts')].join('|');
      await media('-f', 'mpegts', '-i', `concat:${halves}`, '-c', 'copy', 'upright.ts');
      return media('-display_rotation:v:0', '90', '-i', 'upright.ts', '-c', 'copy', file);
    },
    gives: { failed: 'gate_failed', because: /timeline, 27 frames .* source 50 frames/ },
  },
];
