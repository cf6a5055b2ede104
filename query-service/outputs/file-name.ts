const LONGEST_STEM = 150;

/**
 * What an output is called when it is saved: after the uploaded file, `Holiday.mov` and `hls/360p/index.m3u8` make
 * `Holiday-hls-360p-index.m3u8`.
 */
export function fileNameOf(filename: string, path: string): string {
  const stem = filename
    .replace(/\.[^./\\]{1,8}$/, '')
    // What no file system takes, or takes for something else.
    .replace(/[\s\p{Cc}\p{Cf}/\\:*?"<>|]+/gu, ' ')
    .trim()
    .replace(/^[.\s]+/, '');
  const short = [...stem].slice(0, LONGEST_STEM).join('').trim();
  return `${short === '' ? '' : `${short}-`}${path.replaceAll('/', '-')}`;
}
