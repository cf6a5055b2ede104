interface Box {
  type: string;
  /** Without the header. */
  content: Buffer;
}

/** The boxes of an MP4 that lie side by side in these bytes (ISO/IEC 14496-12, 4.2); what is cut off is left out. */
export function boxesIn(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  let at = 0;
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    const wide = length === 1 && at + 16 <= bytes.length;
    const size = length === 0 ? bytes.length - at : wide ? Number(bytes.readBigUInt64BE(at + 8)) : length;
    if (size < 8 || at + size > bytes.length) break;
    boxes.push({
      type: bytes.toString('latin1', at + 4, at + 8),
      content: bytes.subarray(at + (wide ? 16 : 8), at + size),
    });
    at += size;
  }
  return boxes;
}
