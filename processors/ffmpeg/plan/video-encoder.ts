import type { Rendition } from '@transcodeflow/shared/contracts/tasks.ts';
import type { Acceleration } from '../../hardware/hardware-report.ts';

/** Options of output video stream `index` for its encoder. Quality rules, the rate is capped over two seconds. */
export function encoderOptions(
  rendition: Rendition,
  index: number,
  encoder: Acceleration | undefined,
): string[] {
  const of = (name: string) => `-${name}:v:${index}`;
  const cap = [
    of('maxrate'),
    String(rendition.max_bitrate),
    of('bufsize'),
    String(rendition.max_bitrate * 2),
  ];
  const profile = [of('profile'), 'high'];
  if (!encoder) {
    return [
      of('c'),
      'libx264',
      of('preset'),
      rendition.preset,
      of('crf'),
      String(rendition.crf),
      ...cap,
      ...profile,
    ];
  }
  switch (encoder.kind) {
    case 'cuda':
      // -cq is NVENC's constant quality; at equal numbers it spends more bits than x264's crf, so two are added.
      return [
        ...[
          of('c'),
          'h264_nvenc',
          of('preset'),
          'p5',
          of('tune'),
          'hq',
          of('rc'),
          'vbr',
          of('cq'),
          String(rendition.crf + 2),
        ],
        ...[of('b'), '0', ...cap, ...profile, of('forced-idr'), '1', of('no-scenecut'), '1'],
      ];
    case 'vaapi':
      return [
        of('c'),
        'h264_vaapi',
        of('rc_mode'),
        'CQP',
        of('qp'),
        String(Math.round(rendition.crf)),
        ...profile,
      ];
    case 'qsv':
      return [
        of('c'),
        'h264_qsv',
        of('preset'),
        'medium',
        of('global_quality'),
        String(Math.round(rendition.crf)),
        ...profile,
        of('forced_idr'),
        '1',
      ];
    default:
      return encoder.kind satisfies never;
  }
}

/**
 * Closed GOPs with a keyframe at the first frame and every `gop_s` after it, at the same instants in every
 * rendition: players switch between renditions and HLS cuts its segments there.
 * The times count from the first frame (`ld(0)`), which need not be at 0. The forced keyframes set the distance;
 * -g and -keyint_min only keep x264 from placing others: at scene cuts it uses plain I frames then, so their gain is
 * kept and the distance too.
 */
export function keyframeOptions(gop_s: number, frameRate: number | undefined): string[] {
  const frames = Math.ceil(gop_s * (frameRate ?? 30));
  return [
    '-force_key_frames:v',
    `expr:st(0,if(n,ld(0),t))*0+gte(t-ld(0),n_forced*${gop_s})`,
    '-g:v',
    String(frames * 2),
    '-keyint_min:v',
    String(frames + 1),
  ];
}
