import { type FileHandle, open } from 'node:fs/promises';
import { boxesIn } from './mp4-boxes.ts';

/** What an init segment says about the clock of its one track. */
export interface TrackClock {
  /** Ticks per second. */
  timescale: number;
  /** Ticks that the edit list takes off: the delay of B frames, or the encoder's priming. */
  skipped: number;
  /** Of a sample that has no duration of its own. */
  default_duration: number;
}

/** When what a segment holds is shown, in ticks of its track, the edit list applied. */
export interface Shown {
  start: number;
  end: number;
}

/** @throws where the file is no init segment of one track */
export function readClock(init: Buffer): TrackClock {
  const find = (path: readonly string[]): Buffer | undefined => {
    let inside: Buffer | undefined = init;
    for (const type of path) inside = inside && boxesIn(inside).find((box) => box.type === type)?.content;
    return inside;
  };
  const header = find(['moov', 'trak', 'mdia', 'mdhd']);
  if (!header) throw new Error('The init segment has no mdhd box');
  const edits = find(['moov', 'trak', 'edts', 'elst']);
  const trex = find(['moov', 'mvex', 'trex']);
  return {
    timescale: header.readUInt32BE(header.readUInt8(0) === 1 ? 20 : 12),
    skipped: edits ? mediaTime(edits) : 0,
    default_duration: trex?.readUInt32BE(12) ?? 0,
  };
}

/** Of the first edit that shows something: an empty one has -1. */
function mediaTime(edits: Buffer): number {
  const wide = edits.readUInt8(0) === 1;
  for (let entry = 0; entry < edits.readUInt32BE(4); entry += 1) {
    const at = 8 + entry * (wide ? 20 : 12);
    const time = wide ? Number(edits.readBigInt64BE(at + 8)) : edits.readInt32BE(at + 4);
    if (time >= 0) return time;
  }
  return 0;
}

/** Reads the segment's `moof` boxes and skips its samples. @throws where there is none */
export async function readShown(path: string, clock: TrackClock): Promise<Shown> {
  const file = await open(path);
  try {
    let start = Number.POSITIVE_INFINITY;
    let end = Number.NEGATIVE_INFINITY;
    for await (const moof of fragmentsOf(file)) {
      for (const { type, content } of boxesIn(moof)) {
        if (type !== 'traf') continue;
        const shown = shownBy(content, clock);
        start = Math.min(start, shown.start);
        end = Math.max(end, shown.end);
      }
    }
    if (!(end >= start)) throw new Error('The segment has no samples');
    // Priming is not shown.
    return { start: Math.max(0, start - clock.skipped), end: end - clock.skipped };
  } finally {
    await file.close();
  }
}

async function* fragmentsOf(file: FileHandle): AsyncGenerator<Buffer> {
  const header = Buffer.alloc(16);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(header, 0, 16, at);
    if (bytesRead < 8) return;
    const length = header.readUInt32BE(0);
    const size = length === 1 ? Number(header.readBigUInt64BE(8)) : length;
    if (size < 8) return;
    if (header.toString('latin1', 4, 8) === 'moof') {
      const moof = Buffer.alloc(size - 8);
      await file.read(moof, 0, moof.length, at + 8);
      yield moof;
    }
    at += size;
  }
}

/** ISO/IEC 14496-12, 8.8.7 (tfhd), 8.8.8 (trun) and 8.8.12 (tfdt). */
function shownBy(traf: Buffer, { default_duration }: TrackClock): Shown {
  const boxes = boxesIn(traf);
  const content = (type: string) => boxes.find((box) => box.type === type)?.content;
  const [tfhd, tfdt] = [content('tfhd'), content('tfdt')];
  if (!tfhd || !tfdt) throw new Error('The fragment has no tfhd or no tfdt box');
  const about = tfhd.readUInt32BE(0);
  const durationAt = 8 + (about & 1 ? 8 : 0) + (about & 2 ? 4 : 0);
  const usual = about & 8 ? tfhd.readUInt32BE(durationAt) : default_duration;
  // Signed: a muxer may let the priming begin before 0.
  let time = tfdt.readUInt8(0) === 1 ? Number(tfdt.readBigInt64BE(4)) : tfdt.readUInt32BE(4);
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const { type, content: run } of boxes) {
    if (type !== 'trun') continue;
    const has = run.readUInt32BE(0);
    let at = 8 + (has & 0x1 ? 4 : 0) + (has & 0x4 ? 4 : 0);
    for (let sample = run.readUInt32BE(4); sample > 0; sample -= 1) {
      const duration = has & 0x100 ? run.readUInt32BE(at) : usual;
      at += (has & 0x100 ? 4 : 0) + (has & 0x200 ? 4 : 0) + (has & 0x400 ? 4 : 0);
      const shown = time + (has & 0x800 ? run.readInt32BE(at) : 0);
      if (has & 0x800) at += 4;
      start = Math.min(start, shown);
      end = Math.max(end, shown + duration);
      time += duration;
    }
  }
  return { start, end };
}
