/**
 * RFC 6381 name of the H.264 stream in an MP4's header: `avc1.` and the profile, constraint and level bytes of its
 * avcC box (ISO 14496-15: a version byte, then those three). @throws where there is no avcC box
 */
export function avcCodecString(header: Buffer): string {
  const at = header.indexOf('avcC', 0, 'latin1');
  if (at < 0 || at + 8 > header.length) throw new Error('The file has no avcC box');
  return `avc1.${header.subarray(at + 5, at + 8).toString('hex')}`;
}

/** Object types of MPEG-4 audio by ffprobe's profile names. */
const AAC_TYPES: Record<string, number> = { LC: 2, 'HE-AAC': 5, 'HE-AACv2': 29 };

export const aacCodecString = (profile: string | undefined) => `mp4a.40.${AAC_TYPES[profile ?? 'LC'] ?? 2}`;
