import { type FileHandle, open } from 'node:fs/promises';
import { boxesIn } from './mp4-boxes.ts';

/** Of the pictures of an MP4, in seconds from the first one's time stamp. */
export interface PictureSpan {
  /** As the edit list has it: until the picture that is shown last has been shown. */
  shown_s: number;
  /** As the durations of the samples add up, in the order of decoding: some players and ffmpeg go by this. */
  decoded_s: number;
}

/** Reads nothing but the headers. @returns undefined where the file has no pictures or no edit list */
export async function pictureSpan(path: string): Promise<PictureSpan | undefined> {
  const file = await open(path);
  try {
    const movie = await movieBox(file);
    const inside = boxesIn(movie);
    const movieScale = timescale(only(inside, 'mvhd'));
    const track = inside.find(({ type, content }) => type === 'trak' && isPictures(content));
    if (!track || !movieScale) return undefined;
    const media = within(track.content, 'mdia');
    const scale = timescale(only(boxesIn(media), 'mdhd'));
    const edits = only(boxesIn(within(track.content, 'edts')), 'elst');
    const samples = only(boxesIn(within(media, 'minf', 'stbl')), 'stts');
    if (!scale || !edits || !samples) return undefined;
    return { shown_s: shownTicks(edits) / movieScale, decoded_s: decodedTicks(samples) / scale };
  } finally {
    await file.close();
  }
}

/** The content of `moov`, wherever it lies. */
async function movieBox(file: FileHandle): Promise<Buffer> {
  const { size: end } = await file.stat();
  const header = Buffer.alloc(16);
  for (let at = 0; at + 8 <= end; ) {
    await file.read(header, 0, 16, at);
    const short = header.readUInt32BE(0);
    const size = short === 1 ? Number(header.readBigUInt64BE(8)) : short === 0 ? end - at : short;
    if (header.toString('latin1', 4, 8) === 'moov') {
      const content = Buffer.alloc(size - 8);
      await file.read(content, 0, content.length, at + 8);
      return content;
    }
    if (size < 8) break;
    at += size;
  }
  return Buffer.alloc(0);
}

const only = (boxes: ReturnType<typeof boxesIn>, type: string): Buffer | undefined =>
  boxes.find((box) => box.type === type)?.content;

const within = (content: Buffer, ...path: readonly string[]): Buffer =>
  path.reduce((inside, type) => only(boxesIn(inside), type) ?? Buffer.alloc(0), content);

const isPictures = (track: Buffer): boolean =>
  only(boxesIn(within(track, 'mdia')), 'hdlr')?.toString('latin1', 8, 12) === 'vide';

/** `mvhd` and `mdhd` alike: after two times, of four or eight bytes each. */
const timescale = (header: Buffer | undefined): number | undefined =>
  header?.readUInt32BE(header[0] === 1 ? 20 : 12);

/** Empty edits (media time -1) come before the first picture. */
function shownTicks(edits: Buffer): number {
  const isWide = edits[0] === 1;
  let ticks = 0;
  for (let at = 8; at + (isWide ? 20 : 12) <= edits.length; at += isWide ? 20 : 12) {
    const [duration, from] = isWide
      ? [Number(edits.readBigUInt64BE(at)), Number(edits.readBigInt64BE(at + 8))]
      : [edits.readUInt32BE(at), edits.readInt32BE(at + 4)];
    if (from >= 0) ticks += duration;
  }
  return ticks;
}

function decodedTicks(samples: Buffer): number {
  let ticks = 0;
  for (let at = 8; at + 8 <= samples.length; at += 8)
    ticks += samples.readUInt32BE(at) * samples.readUInt32BE(at + 4);
  return ticks;
}
