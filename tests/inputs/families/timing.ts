import type { Input } from '../input.ts';
import { AAC, H264, moving, tone } from '../make-media.ts';

const gives = { renditions: { '180p': '320x180' }, lasts: 1, frames: 25, audio: false } as const;

/** Weaves fields out of twice as many pictures. */
const fields = (order: 'top' | 'bottom') =>
  `tinterlace=mode=interleave_${order},setfield=${order === 'top' ? 'tff' : 'bff'}`;

/** Frame rates, time stamps, fields and lengths. */
export const timing: readonly Input[] = [
  {
    name: 'a part of a film',
    file: 'film.ts',
    options: { trim: { start_s: 1, end_s: 2.2 } },
    make: (media, file) => media(...moving('320x180', 4), ...tone(4), ...H264, ...AAC, file),
    gives: { ...gives, lasts: 1.2, frames: 30, audio: { channels: 1 } },
  },
  {
    name: 'a part beyond the end',
    file: 'short-film.mp4',
    options: { trim: { start_s: 5 } },
    make: (media, file) => media(...moving(), ...H264, file),
    gives: { failed: 'trim_beyond_end', because: /lasts 1\.0 s/ },
  },
  {
    name: 'a variable frame rate',
    file: 'variable-rate.mkv',
    make: (media, file) =>
      media(
        ...moving('320x180', 2),
        '-vf',
        "select='lt(n,25)+not(mod(n,5))'",
        '-fps_mode',
        'vfr',
        ...H264,
        file,
      ),
    gives: {
      ...gives,
      lasts: 1.84,
      lasts_within: 0.01,
      frames: 30,
      shown_at: [0.04, 0.04],
      last_shown_at: 1.8,
    },
  },
  {
    name: 'a variable frame rate from its first frame on',
    file: 'variable-rate.mp4',
    make: (media, file) =>
      media(
        ...moving('320x180', 2),
        '-vf',
        "select='not(mod(n,10))+gt(n,25)'",
        '-fps_mode',
        'vfr',
        ...H264,
        file,
      ),
    gives: { ...gives, lasts: 2, frames: 27, shown_at: [0.4, 0.4, 0.24, 0.04] },
  },
  {
    name: 'pictures far apart at the end, the last one for a second',
    file: 'sparse-tail.mp4',
    make: (media, file) =>
      media(
        ...moving('320x180', 6),
        ...['-vf', "select='lt(n,25)+eq(n,75)+eq(n,125)'", '-fps_mode', 'vfr', ...H264],
        ...['-bsf:v', String.raw`setts=duration=if(eq(N\,26)\,1/TB\,DURATION)`, file],
      ),
    gives: { ...gives, lasts: 6, lasts_within: 0.01, frames: 27, last_shown_at: 5 },
  },
  {
    name: 'fields, top first, and flagged',
    file: 'fields-top.mp4',
    make: (media, file) =>
      media(...moving('320x240', 1, 50), '-vf', fields('top'), ...H264, '-x264-params', 'tff=1', file),
    gives: { ...gives, renditions: { '240p': '320x240' }, no_fields: true },
  },
  {
    name: 'fields, bottom first, and flagged, of MPEG-2',
    file: 'fields-bottom.ts',
    make: (media, file) =>
      media(
        ...moving('320x240', 1, 50),
        ...['-vf', fields('bottom'), '-c:v', 'mpeg2video', '-b:v', '3M', '-flags', '+ildct+ilme', file],
      ),
    gives: { ...gives, renditions: { '240p': '320x240' }, frames: [24, 25], no_fields: true },
  },
  {
    name: 'fields that nothing flags',
    file: 'fields-unflagged.mp4',
    make: (media, file) =>
      media(
        ...moving('320x480', 1, 50),
        '-vf',
        `${fields('top')},setfield=prog`,
        ...H264,
        '-crf',
        '18',
        file,
      ),
    gives: { ...gives, renditions: { '320p': '320x480' }, no_fields: true },
  },
  {
    name: 'one frame',
    file: 'one-frame.mp4',
    make: (media, file) => media(...moving(), '-frames:v', '1', ...H264, file),
    gives: { ...gives, lasts: 0.04, lasts_within: 0.03, frames: 1 },
  },
  {
    name: 'one frame in Matroska, with no duration of its own',
    file: 'one-frame.mkv',
    make: (media, file) => media(...moving(), '-frames:v', '1', ...H264, file),
    gives: { ...gives, lasts: 0.04, lasts_within: 0.03, frames: 1 },
  },
  {
    name: 'a tenth of a second, with sound',
    file: 'tenth.mp4',
    make: (media, file) => media(...moving('320x180', 0.1, 30), ...tone(0.1), ...H264, ...AAC, file),
    gives: { ...gives, lasts: 0.1, frames: 3, audio: { channels: 1 } },
  },
  {
    name: 'a still PNG in MOV',
    file: 'still.mov',
    make: (media, file) => media(...moving(), '-frames:v', '1', '-c:v', 'png', file),
    gives: { ...gives, lasts: 0.04, lasts_within: 0.03, frames: 1 },
  },
  {
    name: 'a still under a second of sound',
    file: 'still-with-sound.mov',
    async make(media, file) {
      await media(...moving(), '-frames:v', '1', '-c:v', 'png', 'frame.mov');
      return media('-i', 'frame.mov', ...tone(), '-c:v', 'copy', ...AAC, file);
    },
    gives: { ...gives, lasts: 1, frames: 1, audio: { channels: 1 } },
  },
  {
    name: 'time stamps that start at five seconds',
    file: 'offset.mkv',
    make: (media, file) => media(...moving(), ...tone(), ...H264, ...AAC, '-output_ts_offset', '5', file),
    gives: { ...gives, audio: { channels: 1 } },
  },
  {
    name: 'sound that starts half a second late',
    file: 'late-sound.mkv',
    make: (media, file) => media(...moving(), '-itsoffset', '0.5', ...tone(0.5), ...H264, ...AAC, file),
    gives: { ...gives, audio: { channels: 1 } },
  },
  {
    name: 'pictures that start half a second late',
    file: 'late-pictures.mkv',
    make: (media, file) => media('-itsoffset', '0.5', ...moving(), ...tone(1.5), ...H264, ...AAC, file),
    gives: { ...gives, lasts: 1.5, audio: { channels: 1 } },
  },
  {
    // Players start at 0: what lies before is not shown, and is not in the outputs.
    name: 'negative time stamps',
    file: 'negative.mp4',
    make: (media, file) =>
      media(
        ...moving(),
        ...tone(),
        ...[...H264, '-bf', '2', ...AAC, '-output_ts_offset', '-0.4', '-avoid_negative_ts', 'disabled', file],
      ),
    gives: { ...gives, lasts: 0.6, frames: 15, audio: { channels: 1 } },
  },
];
