import type { Rendition, VideoCodec } from '@transcodeflow/shared/contracts/rendition.ts';
import type { Acceleration } from '../../hardware/hardware-report.ts';
import { cap, type Options } from './newer-codecs.ts';

const SUFFIX: Record<Acceleration['kind'], string> = { cuda: 'nvenc', vaapi: 'vaapi', qsv: 'qsv' };

/** ffmpeg's name, e.g. `hevc_nvenc`. */
export const deviceEncoderName = ({ kind }: Acceleration, codec: VideoCodec): string =>
  `${codec}_${SUFFIX[kind]}`;

/** AV1's crf goes to 63 where the other scales end at 51. */
const onScale51 = ({ codec, crf }: Rendition): number => Math.round(codec === 'av1' ? (crf * 51) / 63 : crf);
/** AV1's own quantizer index, which goes to 255. */
const AV1_INDEX_PER_CRF = 4;

/** av1_nvenc has no profiles; Apple's players take no HEVC but with its headers out of the stream. */
const LAYOUT: Record<VideoCodec, Options> = {
  h264: [['profile', 'high']],
  hevc: [
    ['profile', 'main'],
    ['tag', 'hvc1'],
  ],
  av1: [],
};

/** Quality as each family names it; forced keyframes are ones that players can begin at. */
export function deviceEncoder(device: Acceleration, rendition: Rendition): Options {
  const { codec, max_bitrate } = rendition;
  const encoder: Options = [['c', deviceEncoderName(device, codec)]];
  const quality = onScale51(rendition);
  switch (device.kind) {
    case 'cuda':
      // NVENC has no crf. At equal numbers its -cq spends more bits than x264's crf, so two are added; -b 0 lets
      // the quality alone decide below the cap.
      encoder.push(
        ...gpu(device),
        ['preset', 'p5'],
        ['tune', 'hq'],
        ['rc', 'vbr'],
        ['cq', Math.min(51, quality + 2)],
        ['b', 0],
        ...cap(max_bitrate),
        ['forced-idr', 1],
        ['no-scenecut', 1],
      );
      break;
    case 'vaapi':
      encoder.push(['rc_mode', 'CQP']);
      if (codec === 'av1') encoder.push(['global_quality', Math.round(rendition.crf * AV1_INDEX_PER_CRF)]);
      else encoder.push(['qp', quality]);
      break;
    case 'qsv':
      encoder.push(['preset', 'medium'], ['global_quality', quality], ['forced_idr', 1]);
      break;
    default:
      return device.kind satisfies never;
  }
  return [...encoder, ...LAYOUT[codec]];
}

const gpu = ({ device }: Acceleration): Options => (device === undefined ? [] : [['gpu', device]]);
