export interface PackagePlan {
  /** Folder names of the video variants, in the order of `inputs`. */
  names: readonly string[];
  /** Paths of the encoded MP4s. */
  inputs: readonly string[];
  /** Path of the audio file, which becomes the last variant, `audio`. */
  audio?: string;
  segment_s: number;
}

/** Our own encodes: only a file and no other protocol. */
const ownInput = (path: string) => ['-protocol_whitelist', 'file', '-i', `file:${path}`];

/**
 * ffmpeg's arguments for one run of the HLS muxer over all variants. One muxer, not one per variant: it shifts the
 * time stamps of every variant by the same amount (B frames make the first decoding time negative), so audio and
 * video stay in step; with a muxer each, they would drift apart by 40 ms.
 */
export function packageHls({ names, inputs, audio, segment_s }: PackagePlan): string[] {
  const video = names.map((name, index) => `v:${index},name:${name}`);
  // biome-ignore format: an option and its value belong on one line
  return [
    ...inputs.flatMap(ownInput),
    ...(audio ? ownInput(audio) : []),
    ...inputs.flatMap((_, index) => ['-map', `${index}:v:0`]),
    ...(audio ? ['-map', `${inputs.length}:a:0`] : []),
    '-c', 'copy',
    '-f', 'hls', '-hls_time', String(segment_s), '-hls_playlist_type', 'vod',
    '-hls_segment_type', 'fmp4', '-hls_flags', 'independent_segments', '-start_number', '1',
    '-hls_fmp4_init_filename', 'init.mp4', '-hls_segment_filename', '%v/segment-%05d.m4s',
    '-var_stream_map', [...video, ...(audio ? ['a:0,name:audio'] : [])].join(' '),
    '%v/playlist.m3u8',
  ];
}
