import { boxesIn } from './mp4-boxes.ts';

/** Bytes of a segment. */
export interface ByteRange {
  start: number;
  length: number;
}

/** `sample_is_non_sync_sample` (ISO/IEC 14496-12, 8.8.3.1). */
const NON_SYNC = 0x1_0000;

/**
 * The part of a segment that shows its first picture: from the `moof` on to the end of the first sample's data.
 * @param head the segment's beginning, up to the data @returns undefined where that picture is no keyframe
 */
export function keyFragment(head: Buffer): ByteRange | undefined {
  let start = 0;
  for (const box of boxesIn(head)) {
    if (box.type === 'moof') {
      const length = firstSampleEnd(box.content);
      return length === undefined ? undefined : { start, length };
    }
    start += box.content.length + 8;
  }
  return undefined;
}

/** Counted from the start of the `moof`, to which data offsets of CMAF refer (`default-base-is-moof`). */
function firstSampleEnd(moof: Buffer): number | undefined {
  const traf = boxesIn(moof).find(({ type }) => type === 'traf')?.content;
  const inside = traf ? boxesIn(traf) : [];
  const tfhd = inside.find(({ type }) => type === 'tfhd')?.content;
  const trun = inside.find(({ type }) => type === 'trun')?.content;
  if (!tfhd || !trun) return undefined;
  const usual = defaultsOf(tfhd);
  const has = trun.readUInt32BE(0);
  let at = 8;
  const next = (flag: number): number | undefined => {
    if (!(has & flag)) return undefined;
    at += 4;
    return trun.readUInt32BE(at - 4);
  };
  const [offset, firstFlags] = [next(0x1), next(0x4)];
  next(0x100);
  const [size = usual.size, ownFlags] = [next(0x200), next(0x400)];
  const flags = firstFlags ?? ownFlags ?? usual.flags ?? 0;
  return offset === undefined || size === undefined || flags & NON_SYNC ? undefined : offset + size;
}

function defaultsOf(tfhd: Buffer): { size?: number | undefined; flags?: number | undefined } {
  const has = tfhd.readUInt32BE(0);
  let at = 8 + (has & 0x1 ? 8 : 0) + (has & 0x2 ? 4 : 0) + (has & 0x8 ? 4 : 0);
  const size = has & 0x10 ? tfhd.readUInt32BE(at) : undefined;
  at += has & 0x10 ? 4 : 0;
  return { size, flags: has & 0x20 ? tfhd.readUInt32BE(at) : undefined };
}
