import type { PreviewSpec } from '@transcodeflow/shared/contracts/pictures.ts';

/** By content: WebP is a tenth of the size of GIF, which every ffmpeg can make. */
export const previewFile = (encoders: ReadonlySet<string>) =>
  encoders.has('libwebp_anim') ? 'preview.webp' : 'preview.gif';

/**
 * ffmpeg's arguments for the animated preview, from one of our own renditions: each moment is reached from a keyframe
 * at most two seconds before, so that little is decoded (0.6 CPU-seconds for five moments of 360p, most of it WebP).
 * @param duration_s of the rendition: a damaged source has less than was planned for
 */
export function planPreview(
  { width, height, frame_rate, moments, moment_s }: PreviewSpec,
  rendition: string,
  duration_s: number,
  encoders: ReadonlySet<string>,
): string[] {
  const starts = previewMoments(moments, moment_s, duration_s);
  const inputs = starts.flatMap((start) => [
    ...['-ss', start.toFixed(3), '-t', moment_s.toFixed(3)],
    ...['-protocol_whitelist', 'file', '-i', `file:${rendition}`],
  ]);
  // A last frame counts also where it is shown for less than a picture of the preview.
  const rate = `fps=${frame_rate}:start_time=0:eof_action=pass,trim=end_frame=${Math.round(frame_rate * moment_s)}`;
  const small = `${rate},scale=${width}:${height}:flags=area,setsar=1`;
  const parts = starts.map((_, index) => `[${index}:v:0]${small}[m${index}]`);
  const joined = `${starts.map((_, index) => `[m${index}]`).join('')}concat=n=${starts.length}:v=1:a=0`;
  const file = previewFile(encoders);
  const isWebp = file.endsWith('.webp');
  const palette = 'split[a][b];[a]palettegen[p];[b][p]paletteuse';
  // biome-ignore format: an option and its value belong on one line
  return [
    ...inputs, '-filter_complex', [...parts, `${joined},split[count][picture];[picture]${isWebp ? 'format=yuv420p' : palette}[out]`].join(';'),
    '-map', '[out]', '-map_metadata', '-1',
    ...(isWebp ? ['-c:v', 'libwebp_anim', '-quality', '50', '-compression_level', '3', '-f', 'webp'] : ['-f', 'gif']),
    '-loop', '0', file,
    // A list of the pictures: WebP is one packet, however many they are.
    '-map', '[count]', '-c:v', 'wrapped_avframe', '-f', 'framecrc', 'pipe:1',
  ];
}

/** In the middle of as many equal parts; what is too short for that is shown from its start. */
export function previewMoments(moments: number, moment_s: number, duration_s: number): number[] {
  const count = Math.max(1, Math.min(moments, Math.floor(duration_s / moment_s)));
  return Array.from({ length: count }, (_, index) =>
    Math.max(0, ((index + 0.5) * duration_s) / count - moment_s / 2),
  );
}
