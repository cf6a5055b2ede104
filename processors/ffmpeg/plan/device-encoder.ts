import type { Rendition, VideoCodec } from '@transcodeflow/shared/contracts/rendition.ts';
import type { Acceleration } from '../../hardware/hardware-report.ts';
import { cap, type Options } from './newer-codecs.ts';

const SUFFIX: Record<Acceleration['kind'], string> = { cuda: 'nvenc', vaapi: 'vaapi', qsv: 'qsv' };

/** ffmpeg's name, e.g. `hevc_nvenc`. */
export const deviceEncoderName = ({ kind }: Pick<Acceleration, 'kind'>, codec: VideoCodec): string =>
  `${codec}_${SUFFIX[kind]}`;

/** AV1's crf goes to 63 where the other scales end at 51. */
const onScale51 = ({ codec, crf }: Rendition): number => Math.round(codec === 'av1' ? (crf * 51) / 63 : crf);
/** AV1's own quantizer index, which goes to 255. */
const AV1_INDEX_PER_CRF = 4;

/** Devices' names for x264's, of any codec; `fast`, the profiles' own, is what each family calls the middle or a step above. */
const NVENC_PRESETS: Record<string, string> = {
  ultrafast: 'p1',
  veryfast: 'p3',
  faster: 'p4',
  fast: 'p5',
  medium: 'p6',
  slow: 'p7',
};
const QSV_PRESETS: Record<string, string> = {
  ultrafast: 'veryfast',
  veryfast: 'faster',
  faster: 'fast',
  fast: 'medium',
  medium: 'slow',
  slow: 'slower',
};

/**
 * Of the cap, the rate that QVBR is given to aim at. A quarter below: QSV takes one that equals the cap for a constant
 * rate, and drivers derive a least rate from the distance. Above 70 %, from where the gate knows that the cap decides.
 */
const AIM = 0.75;
const qvbr = (rate: number): Options => [['b', Math.round(rate * AIM)], ...cap(rate)];

const constant = (rendition: Rendition): Options[number] =>
  rendition.codec === 'av1'
    ? ['global_quality', Math.round(rendition.crf * AV1_INDEX_PER_CRF)]
    : ['qp', onScale51(rendition)];

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
  const { codec, max_bitrate, preset } = rendition;
  const encoder: Options = [['c', deviceEncoderName(device, codec)]];
  const quality = onScale51(rendition);
  const capped = device.capped?.includes(codec);
  switch (device.kind) {
    case 'cuda':
      // NVENC has no crf. At equal numbers its -cq spends more bits than x264's crf, so two are added; -b 0 lets
      // the quality alone decide below the cap.
      encoder.push(
        ...gpu(device),
        ['preset', NVENC_PRESETS[preset] ?? 'p5'],
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
      // What `compression_level` does is each driver's own: no preset.
      if (capped) encoder.push(['rc_mode', 'QVBR'], ['global_quality', quality], ...qvbr(max_bitrate));
      else encoder.push(['rc_mode', 'CQP'], constant(rendition));
      break;
    case 'qsv':
      // With a cap beside the quality, ffmpeg chooses QVBR, else ICQ.
      encoder.push(
        ['preset', QSV_PRESETS[preset] ?? 'medium'],
        ['global_quality', quality],
        ...(capped ? qvbr(max_bitrate) : []),
        ['forced_idr', 1],
      );
      break;
    default:
      return device.kind satisfies never;
  }
  return [...encoder, ...LAYOUT[codec]];
}

const gpu = ({ device }: Acceleration): Options => (device === undefined ? [] : [['gpu', device]]);
