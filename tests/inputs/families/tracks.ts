import { readFile, writeFile } from 'node:fs/promises';
import type { Input } from '../input.ts';
import { AAC, H264, type MakeMedia, moving, tone } from '../make-media.ts';

const gives = { renditions: { '180p': '320x180' }, lasts: 1, frames: 25, audio: { channels: 1 } } as const;
const soundAlone = {
  renditions: {},
  lasts: 2,
  frames: 0,
  audio: { channels: 1 },
  sound_alone: true,
} as const;
const BOTH = [...H264, ...AAC];
const SRT = '1\n00:00:00,100 --> 00:00:00,900\nHello\n';

/** Gives the last sample description of that kind a name that no decoder knows. */
async function unknownCodec(made: string, kind: string, output: string): Promise<void> {
  const bytes = await readFile(made);
  const at = bytes.lastIndexOf(kind, bytes.length, 'latin1');
  bytes.write('zzzz', at, 'latin1');
  await writeFile(output, bytes);
}

async function subtitled(media: MakeMedia, file: string, ...codec: string[]) {
  await writeFile(media.path('words.srt'), SRT);
  return media(
    ...moving(),
    ...tone(),
    '-i',
    'words.srt',
    ...BOTH,
    '-map',
    '0',
    '-map',
    '1',
    '-map',
    '2',
    ...codec,
    file,
  );
}

/** A Blu-ray subtitle stream that clears the screen at half a second: composition, then end of display set. */
function blankPgs(): Buffer {
  const segment = (type: number, data: readonly number[]) => {
    const head = Buffer.alloc(13);
    head.write('PG');
    head.writeUInt32BE(45_000, 2);
    head.writeUInt8(type, 10);
    head.writeUInt16BE(data.length, 11);
    return Buffer.concat([head, Buffer.from(data)]);
  };
  const composition = [0x01, 0x40, 0x00, 0xb4, 0x10, 0, 0, 0x80, 0, 0, 0];
  return Buffer.concat([segment(0x16, composition), segment(0x80, [])]);
}

const tracks = (...count: number[]) => count.flatMap((input) => ['-map', String(input)]);

/** Which of several streams are used, and which are left out. */
export const tracksFamily: readonly Input[] = [
  {
    name: 'no sound',
    file: 'silent.mp4',
    make: (media, file) => media(...moving(), ...H264, file),
    gives: { ...gives, audio: false },
  },
  {
    name: 'sound alone in MP4',
    file: 'sound.m4a',
    make: (media, file) => media(...tone(), ...AAC, file),
    gives: { failed: 'no_video_stream', because: /no video/ },
  },
  {
    name: 'sound alone as MP3',
    file: 'sound.mp3',
    make: (media, file) => media(...tone(), '-c:a', 'libmp3lame', file),
    gives: { refused: 'invalid_video_format' },
  },
  {
    name: 'sound alone as MP3, as audio-only',
    file: 'podcast.mp3',
    options: { profile: 'audio-only' },
    make: (media, file) => media(...tone(2), '-c:a', 'libmp3lame', file),
    gives: soundAlone,
  },
  {
    name: 'sound alone as WAV, as audio-only',
    file: 'podcast.wav',
    options: { profile: 'audio-only' },
    make: (media, file) => media(...tone(2), file),
    gives: soundAlone,
  },
  {
    name: 'sound with cover art, as audio-only',
    file: 'album.m4a',
    options: { profile: 'audio-only' },
    async make(media, file) {
      await media(...moving('640x640'), '-frames:v', '1', 'album.jpg');
      const art = ['-c:v', 'copy', '-disposition:v', 'attached_pic'];
      return media(...tone(2), '-i', 'album.jpg', ...tracks(0, 1), ...AAC, ...art, file);
    },
    gives: { ...soundAlone, ignored: [/attached picture/] },
  },
  {
    name: 'sound with cover art',
    file: 'cover.m4a',
    make: (media, file) =>
      media(
        ...[...tone(), ...moving(), ...AAC, '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-frames:v', '1'],
        ...['-disposition:v', 'attached_pic', file],
      ),
    gives: { failed: 'no_video_stream', because: /no video/ },
  },
  {
    name: 'a film with cover art',
    file: 'cover.mp4',
    async make(media, file) {
      await media(...moving('640x640'), '-frames:v', '1', 'cover.jpg');
      const art = ['-c:v:1', 'copy', '-disposition:v:1', 'attached_pic'];
      return media(...moving(), ...tone(), '-i', 'cover.jpg', ...tracks(0, 1, 2), ...BOTH, ...art, file);
    },
    gives: { ...gives, ignored: [/attached picture/] },
  },
  {
    name: 'six channels',
    file: 'surround.mkv',
    make: (media, file) => media(...moving(), ...tone(), ...BOTH, '-ac', '6', file),
    gives: { ...gives, audio: { channels: 2 } },
  },
  {
    name: 'several languages, none the default: the first',
    file: 'languages.mp4',
    make: (media, file) =>
      media(
        ...[...moving(), ...tone(), ...tone(1, 660), ...tracks(0, 1, 2), ...BOTH, '-disposition:a', '0'],
        ...['-metadata:s:a:0', 'language=fra', '-metadata:s:a:1', 'language=deu', file],
      ),
    gives: { ...gives, audio: { channels: 1, language: 'fra' } },
  },
  {
    name: 'several languages: the default',
    file: 'languages.mkv',
    make: (media, file) =>
      media(
        ...[...moving(), ...tone(), ...tone(1, 660), ...tracks(0, 1, 2), ...BOTH],
        ...['-disposition:a:0', '0', '-disposition:a:1', 'default'],
        ...['-metadata:s:a:0', 'language=fra', '-metadata:s:a:1', 'language=deu', file],
      ),
    gives: { ...gives, audio: { channels: 1, language: 'deu' } },
  },
  {
    name: 'a second sound track of an unknown kind',
    file: 'unknown-sound.mov',
    async make(media, file) {
      const made = await media(
        ...moving(),
        ...tone(),
        ...tone(1, 660),
        ...tracks(0, 1, 2),
        ...BOTH,
        '-c:a:1',
        'pcm_s16le',
        'two-sounds.mov',
      );
      await unknownCodec(made, 'sowt', media.path(file));
    },
    gives: { ...gives, ignored: [/stream 2/] },
  },
  {
    name: 'a second picture track of an unknown kind',
    file: 'unknown-pictures.mp4',
    async make(media, file) {
      const made = await media(
        ...moving(),
        ...moving('640x360'),
        ...tone(),
        ...tracks(0, 1, 2),
        ...BOTH,
        'two-films.mp4',
      );
      await unknownCodec(made, 'avc1', media.path(file));
    },
    gives: { ...gives, ignored: [/stream 1/] },
  },
  {
    name: 'pictures of an unknown kind alone',
    file: 'unknown-only.mp4',
    async make(media, file) {
      const made = await media(...moving(), ...tone(), ...BOTH, '-brand', 'mp42', 'known.mp4');
      await unknownCodec(made, 'avc1', media.path(file));
    },
    gives: { failed: 'nothing_decodable', because: /cannot be decoded/ },
  },
  {
    name: 'text subtitles',
    file: 'text-subtitles.mkv',
    make: (media, file) => subtitled(media, file, '-c:s', 'srt'),
    gives,
  },
  {
    name: 'text subtitles in MP4',
    file: 'text-subtitles.mp4',
    make: (media, file) => subtitled(media, file, '-c:s', 'mov_text'),
    gives,
  },
  {
    name: 'bitmap subtitles',
    file: 'bitmap-subtitles.mkv',
    async make(media, file) {
      await writeFile(media.path('pictures.sup'), blankPgs());
      return media(
        ...[...moving(), ...tone(), '-i', 'pictures.sup', ...tracks(0, 1, 2), ...BOTH],
        ...['-c:s', 'copy', file],
      );
    },
    gives,
  },
  {
    name: 'a time code track',
    file: 'time-code.mov',
    make: (media, file) => media(...moving(), ...tone(), ...BOTH, '-timecode', '01:00:00:00', file),
    gives: { ...gives, ignored: [/data track/] },
  },
];
