/**
 * RFC 6381 name of the video in an MP4's header, by its configuration box. @throws where there is none that is known
 */
export function videoCodecString(header: Buffer): string {
  const names = { avcC: avcCodecString, hvcC: hevcCodecString, av1C: av1CodecString };
  for (const [box, name] of Object.entries(names))
    if (header.indexOf(box, 0, 'latin1') >= 0) return name(header);
  throw new Error('The file has no avcC, hvcC or av1C box');
}

/** What the box holds, after its name. @throws where there is no such box */
function contentOf(header: Buffer, box: string, length: number): Buffer {
  const at = header.indexOf(box, 0, 'latin1');
  if (at < 0 || at + 4 + length > header.length) throw new Error(`The file has no ${box} box`);
  return header.subarray(at + 4, at + 4 + length);
}

/** `avc1.` and the profile, constraint and level bytes (ISO 14496-15: a version byte, then those three). */
export function avcCodecString(header: Buffer): string {
  return `avc1.${contentOf(header, 'avcC', 4).subarray(1).toString('hex')}`;
}

/**
 * ISO 14496-15 E.3, e.g. `hvc1.1.6.L93.90`: profile space (letter) and profile; compatibility flags, their bits in
 * reverse, in hexadecimal; tier and level; the six constraint bytes without the zeros at their end.
 */
export function hevcCodecString(header: Buffer): string {
  const box = contentOf(header, 'hvcC', 13);
  const first = box.readUInt8(1);
  const space = ['', 'A', 'B', 'C'][first >> 6] ?? '';
  const flags = box.readUInt32BE(2).toString(2).padStart(32, '0');
  const compatible = Number.parseInt([...flags].reverse().join(''), 2)
    .toString(16)
    .toUpperCase();
  const tier = first & 0x20 ? 'H' : 'L';
  const constraints = [...box.subarray(6, 12)];
  while (constraints.at(-1) === 0) constraints.pop();
  const parts = [`${space}${first & 0x1f}`, compatible, `${tier}${box.readUInt8(12)}`];
  return ['hvc1', ...parts, ...constraints.map((byte) => byte.toString(16).toUpperCase())].join('.');
}

/** AV1-ISOBMFF 5: `av01.0.04M.08`: profile; level of two digits and tier; bit depth of two digits. */
export function av1CodecString(header: Buffer): string {
  const box = contentOf(header, 'av1C', 3);
  const [first, second] = [box.readUInt8(1), box.readUInt8(2)];
  const profile = first >> 5;
  const depth = second & 0x40 ? (profile === 2 && second & 0x20 ? 12 : 10) : 8;
  const tier = second & 0x80 ? 'H' : 'M';
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  return `av01.${profile}.${twoDigits(first & 0x1f)}${tier}.${twoDigits(depth)}`;
}

/** Object types of MPEG-4 audio by ffprobe's profile names. */
const AAC_TYPES: Record<string, number> = { LC: 2, 'HE-AAC': 5, 'HE-AACv2': 29 };

export const aacCodecString = (profile: string | undefined) => `mp4a.40.${AAC_TYPES[profile ?? 'LC'] ?? 2}`;
