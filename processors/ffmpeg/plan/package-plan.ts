import { OWN_CLOCK, sampleDurations } from './sample-durations.ts';

/** An encoded file and the folder of its variant. */
interface Input {
  name: string;
  path: string;
}

export interface PackagePlan {
  /** With the end of what is shown, in seconds. */
  videos: readonly (Input & { end_s?: number | undefined })[];
  sounds: readonly Input[];
  segment_s: number;
}

/** Our own encodes: a file and no other protocol. */
const ownInput = ({ path }: Input) => ['-protocol_whitelist', 'file', '-i', `file:${path}`];

/**
 * ffmpeg's arguments for one run of the HLS muxer over all variants, on the very timeline of the MP4s: pictures at 0,
 * sound at 0 with its priming before. Left to itself the muxer moves everything by the delay of the B frames (80 ms at
 * 25 per second) and writes the rest as an empty edit, which Chromium ignores: segments would begin elsewhere than
 * the playlist says, and picture and sound lie 60 ms apart. Hence time stamps are kept as they are, and the init
 * segment's one edit takes the delay (video) or the priming (audio) away again, as CMAF has it (ISO/IEC 23000-19, 7.5.13).
 * `frag_discont` puts a late first picture into the first segment's decode time; for audio it would make that negative.
 * `skip_sidx`: to make the index of a segment agree with the one before, the muxer would move pictures that are far apart.
 */
export function packageHls({ videos, sounds, segment_s }: PackagePlan): string[] {
  const ofVideo = videos.map(({ end_s }, index) => [
    ...['-map', `${index}:v:0`],
    ...[`-bsf:v:${index}`, sampleDurations(end_s)],
  ]);
  const ofSound = sounds.map((_, index) => ['-map', `${videos.length + index}:a:0`]);
  return [
    '-copyts',
    ...OWN_CLOCK,
    ...[...videos, ...sounds].flatMap(ownInput),
    ...(videos.length > 0
      ? [
          ...ofVideo.flat(),
          '-hls_segment_options',
          'movflags=+frag_discont+skip_sidx',
          ...hls('v', videos, segment_s),
        ]
      : []),
    ...(sounds.length > 0 ? [...ofSound.flat(), ...hls('a', sounds, segment_s)] : []),
  ];
}

/** One output of several variants. ffmpeg wants the names of the init segments to differ, and numbers them by itself. */
// biome-ignore format: an option and its value belong on one line
const hls = (kind: 'v' | 'a', inputs: readonly Input[], segment_s: number): string[] => [
  '-c', 'copy', '-avoid_negative_ts', 'disabled',
  '-f', 'hls', '-hls_time', String(segment_s), '-hls_playlist_type', 'vod',
  '-hls_segment_type', 'fmp4', '-hls_flags', 'independent_segments', '-start_number', '1',
  '-hls_fmp4_init_filename', 'init.mp4', '-hls_segment_filename', '%v/segment-%05d.m4s',
  '-var_stream_map', inputs.map(({ name }, index) => `${kind}:${index},name:${name}`).join(' '),
  '%v/playlist.m3u8',
];
