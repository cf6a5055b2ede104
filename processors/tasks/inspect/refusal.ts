import { TaskError } from '../../task-error.ts';

/** A source that cannot be transcoded however often it is tried. */
export function refusal(code: string, message: string, detail?: string): TaskError {
  return new TaskError({ code, message, retryable: false, ...(detail && { detail }) });
}

/** Longest side and longest duration that are accepted. */
export const MAX_SIDE = 16_384;
export const MAX_DURATION_S = 12 * 3600;

/** For what ffprobe could not open at all. @param log what ffprobe said */
export function unreadable(log: string): TaskError {
  const format = /\[(\w+)[^\]]*\] Format not on whitelist/.exec(log)?.[1];
  if (format === undefined) {
    const truncated = /moov atom not found|End of file/.test(log);
    const message = truncated
      ? 'The file is not a video, or it was cut off before it was complete.'
      : 'The file is not a video, or of a kind that cannot be read.';
    return refusal('invalid_video_format', message, log);
  }
  if (/_pipe$|^image2/.test(format))
    return refusal('invalid_video_format', 'The file is a picture, not a video.', log);
  if (/^(hls|dash|concat|sdp|imf)$/.test(format)) {
    return refusal(
      'invalid_video_format',
      'The file is a playlist that names other files, not a video.',
      log,
    );
  }
  return refusal('invalid_video_format', `Files of this kind (${format}) are not accepted as videos.`, log);
}
