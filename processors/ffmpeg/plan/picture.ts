import type { VideoStream } from '@transcodeflow/shared/contracts/media.ts';
import { outputColour } from './colour.ts';

export interface Size {
  width: number;
  height: number;
}

export interface Picture {
  /** Filters that every output shares, before the split: deinterlacing, tone mapping. */
  shared: string[];
  /** Of these, what makes SDR of HDR; it takes any frames of main memory. */
  toneMapping: string[];
  /** From the shared picture to one of this size: square pixels, 8 bit 4:2:0, limited range, tagged. */
  rendition(size: Size): string[];
  /** From such a picture, and what was laid on it, to what the encoder takes. */
  toEncoder: string[];
  /** To a full-range picture for a JPEG of this size. */
  still(size: Size): string[];
}

/**
 * How decoded (and by ffmpeg upright turned) frames become what a viewer sees. Encoding and the quality gate use
 * the same chain, so that only the encoder's loss is measured.
 * @param largest the largest output, to which HDR is scaled before the costly tone mapping
 * @param canToneMap whether this ffmpeg has `zscale` and `tonemap`; without, HDR keeps its transfer and tags
 */
export function pictureOf(video: VideoStream, largest: Size, canToneMap: boolean): Picture {
  const toneMapped = video.hdr && canToneMap;
  const colour = outputColour(video, toneMapped);
  const shared: string[] = [];
  // send_frame keeps the frame rate; only frames flagged as interlaced are touched, or all where none is flagged.
  const fields = video.unflagged_fields;
  if (video.interlaced || fields) {
    // For sources that change their size: bwdif must never see that.
    if (video.rotation === 0) shared.push(`scale=${video.coded_width}:${video.coded_height}`);
    shared.push(`bwdif=mode=send_frame:${fields ? `parity=${fields}:deint=all` : 'deint=interlaced'}`);
  }
  const mapping = toneMapped
    ? [`scale=${largest.width}:${largest.height}:flags=bicubic`, ...toneMapping(video)]
    : [];
  shared.push(...mapping);
  const matrix = `in_color_matrix=${colour.matrix}:out_color_matrix=${colour.matrix}`;
  return {
    shared,
    toneMapping: mapping,
    toEncoder: [],
    rendition: ({ width, height }) => [
      `scale=${width}:${height}:flags=bicubic:${matrix}:out_range=tv`,
      'format=yuv420p',
      ...tags(video, canToneMap),
    ],
    // JPEG files are BT.601, full range, by convention.
    still: ({ width, height }) => [
      `scale=${width}:${height}:flags=bicubic:in_color_matrix=${colour.matrix}:out_color_matrix=bt601:out_range=pc`,
      'format=yuvj420p',
      'setsar=1',
    ],
  };
}

/** Square pixels and colour tags on every frame: the encoder takes them from there. */
export function tags(video: VideoStream, canToneMap: boolean): string[] {
  const { colorspace, primaries, transfer } = outputColour(video, video.hdr && canToneMap);
  return [
    'setsar=1',
    `setparams=range=tv:colorspace=${colorspace}:color_primaries=${primaries}:color_trc=${transfer}`,
  ];
}

/** PQ or HLG to linear light at 100 nits of reference white, Hable's curve, then BT.709. */
function toneMapping(video: VideoStream): string[] {
  const input = `tin=${video.color_transfer}:min=${video.color_space ?? 'bt2020nc'}:pin=${video.color_primaries ?? 'bt2020'}`;
  return [
    `zscale=${input}:t=linear:npl=100`,
    'format=gbrpf32le',
    'zscale=p=bt709',
    'tonemap=tonemap=hable:desat=0',
    'zscale=t=bt709:m=bt709:r=tv',
    'format=yuv420p',
  ];
}
