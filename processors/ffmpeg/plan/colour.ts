import type { VideoStream } from '@transcodeflow/shared/contracts/media.ts';

export interface Colour {
  /** The `scale` filter's name of the YUV matrix. */
  matrix: string;
  /** Tags of the frames, as `setparams` names them. */
  colorspace: string;
  primaries: string;
  transfer: string;
}

const BT709: Colour = { matrix: 'bt709', colorspace: 'bt709', primaries: 'bt709', transfer: 'bt709' };
const BT601: Colour = {
  matrix: 'smpte170m',
  colorspace: 'smpte170m',
  primaries: 'smpte170m',
  transfer: 'smpte170m',
};
const MATRICES: Record<string, string> = {
  bt709: 'bt709',
  smpte170m: 'smpte170m',
  bt470bg: 'bt470',
  smpte240m: 'smpte240m',
  fcc: 'fcc',
  bt2020nc: 'bt2020',
};

/**
 * The colour of the outputs, always tagged: players guess untagged video from its height, so a 360p rendition of an
 * untagged 1080p source would otherwise be shown with the wrong matrix. What the source says is kept, as converting
 * costs time and quality; what it leaves open is filled in as a player would have guessed at the source's height.
 */
export function outputColour(video: VideoStream, toneMapped: boolean): Colour {
  if (toneMapped) return BT709;
  const guess = Math.min(video.coded_width, video.coded_height) >= 720 ? BT709 : BT601;
  const space = video.color_space ?? '';
  const matrix = MATRICES[space];
  return {
    matrix: matrix ?? guess.matrix,
    colorspace: matrix ? space : guess.colorspace,
    primaries: video.color_primaries ?? guess.primaries,
    transfer: video.color_transfer ?? guess.transfer,
  };
}
