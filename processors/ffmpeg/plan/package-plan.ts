/** An encoded file and the folder of its variant. */
interface Input {
  name: string;
  path: string;
}

export interface PackagePlan {
  videos: readonly Input[];
  audio?: Input;
  segment_s: number;
}

/** Our own encodes: a file and no other protocol. */
const ownInput = ({ path }: Input) => ['-protocol_whitelist', 'file', '-i', `file:${path}`];

/**
 * ffmpeg's arguments for one run of the HLS muxer over all variants. One muxer, not one per variant: it shifts the
 * time stamps of every variant by the same amount (B frames make the first decoding time negative), so audio and
 * video stay in step; with a muxer each, they would drift apart by 40 ms.
 */
export function packageHls({ videos, audio, segment_s }: PackagePlan): string[] {
  const variants = videos.map(({ name }, index) => `v:${index},name:${name}`);
  if (audio) variants.push(`a:0,name:${audio.name}`);
  // biome-ignore format: an option and its value belong on one line
  return [
    ...[...videos, ...(audio ? [audio] : [])].flatMap(ownInput),
    ...videos.flatMap((_, index) => ['-map', `${index}:v:0`]),
    ...(audio ? ['-map', `${videos.length}:a:0`] : []),
    '-c', 'copy',
    '-f', 'hls', '-hls_time', String(segment_s), '-hls_playlist_type', 'vod',
    '-hls_segment_type', 'fmp4', '-hls_flags', 'independent_segments', '-start_number', '1',
    '-hls_fmp4_init_filename', 'init.mp4', '-hls_segment_filename', '%v/segment-%05d.m4s',
    '-var_stream_map', variants.join(' '),
    '%v/playlist.m3u8',
  ];
}
