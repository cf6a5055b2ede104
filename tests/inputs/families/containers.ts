import { readFile, writeFile } from 'node:fs/promises';
import type { Input, Package } from '../input.ts';
import { AAC, H264, moving, tone } from '../make-media.ts';

const gives = { renditions: { '180p': '320x180' }, lasts: 1, frames: 25, audio: { channels: 1 } } as const;

const container = (
  name: string,
  file: string,
  options: readonly string[],
  more: Partial<Package> = {},
): Input => ({
  name,
  file,
  make: (media, output) => media(...moving(), ...tone(), ...options, output),
  gives: { ...gives, ...more },
});

const cut = (
  name: string,
  file: string,
  options: readonly string[],
  share: number,
  outcome: Input['gives'],
): Input => ({
  name,
  file,
  async make(media, output) {
    const whole = await media(...moving('320x180', 2), ...tone(2), ...options, `whole-${output}`);
    const bytes = await readFile(whole);
    await writeFile(media.path(output), bytes.subarray(0, Math.floor(bytes.length * share)));
  },
  gives: outcome,
});

const PLAIN = [...H264, ...AAC];
const PART = { ...gives, lasts: 1.2, lasts_within: 0.6, frames: [10, 45] } as const;
const CUT_OFF = { ...PART, lasts: 0.9, cut_off: true } as const;

/** Containers, whole and cut off. */
export const containers: readonly Input[] = [
  container('MP4 with its index at the end', 'index-last.mp4', PLAIN),
  container('MP4 with its index first', 'index-first.mp4', [...PLAIN, '-movflags', '+faststart']),
  container('fragmented MP4', 'fragmented.mp4', [...PLAIN, '-movflags', '+frag_keyframe+empty_moov']),
  container('MPEG-TS', 'stream.ts', PLAIN, { frames: [24, 25] }),
  container('MPEG program stream', 'stream.mpg', ['-c:v', 'mpeg2video', '-c:a', 'mp2'], { frames: [24, 25] }),
  container('Matroska', 'film.mkv', [...H264, '-c:a', 'libopus']),
  container('WebM with VP9', 'vp9.webm', [
    '-c:v',
    'libvpx-vp9',
    '-deadline',
    'realtime',
    '-cpu-used',
    '8',
    '-c:a',
    'libopus',
  ]),
  container('WebM with VP8, live: no duration', 'live.webm', [
    '-c:v',
    'libvpx',
    '-deadline',
    'realtime',
    '-c:a',
    'libvorbis',
    '-live',
    '1',
  ]),
  container('AVI', 'film.avi', ['-c:v', 'mpeg4', '-bf', '2', '-c:a', 'libmp3lame']),
  container('MOV with PCM', 'film.mov', [...H264, '-c:a', 'pcm_s16le']),
  container('FLV', 'film.flv', ['-c:v', 'flv', '-c:a', 'libmp3lame', '-ar', '44100']),
  container('WMV', 'film.wmv', ['-c:v', 'wmv2', '-c:a', 'wmav2']),
  container('MXF', 'film.mxf', ['-c:v', 'mpeg2video', '-c:a', 'pcm_s16le'], { frames: [24, 25] }),
  {
    name: 'animated GIF',
    file: 'animated.gif',
    make: (media, file) => media(...moving('160x120', 1, 10), file),
    gives: { renditions: { '120p': '160x120' }, lasts: 1, frames: 10, audio: false },
  },
  {
    name: 'a GIF of one picture',
    file: 'still.gif',
    make: (media, file) => media(...moving('160x120'), '-frames:v', '1', file),
    gives: { failed: 'invalid_video_format', because: /still picture/ },
  },
  {
    name: 'a PNG',
    file: 'picture.png',
    make: (media, file) => media(...moving(), '-frames:v', '1', file),
    gives: { refused: 'invalid_video_format' },
  },
  cut('cut off before its index', 'cut-index-last.mp4', PLAIN, 0.7, {
    failed: 'invalid_video_format',
    because: /cut off/,
  }),
  cut('cut off after its index', 'cut-index-first.mp4', [...PLAIN, '-movflags', '+faststart'], 0.4, CUT_OFF),
  cut('cut off Matroska', 'cut.mkv', PLAIN, 0.4, CUT_OFF),
  cut('cut off MPEG-TS', 'cut.ts', PLAIN, 0.6, PART),
];
