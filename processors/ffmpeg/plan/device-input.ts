import type { VideoStream } from '@transcodeflow/shared/contracts/media.ts';
import type { Route } from './route.ts';

/** Options before everything else. */
export function deviceOptions({ frames, encoder }: Route): string[] {
  const device = [encoder, frames].find((each) => each?.kind === 'vaapi');
  if (!device) return [];
  return ['-init_hw_device', `vaapi=va:${device.device ?? '/dev/dri/renderD128'}`, '-filter_hw_device', 'va'];
}

/** Options before the input. ffmpeg would turn frames with filters that cannot see into device memory: ours come after. */
export function decodeOptions(video: VideoStream, { frames }: Route): string[] {
  if (!frames) return [];
  const name = frames.kind === 'vaapi' ? 'va' : frames.kind === 'cuda' ? frames.device : undefined;
  const device = name === undefined ? [] : ['-hwaccel_device', name];
  const turned = video.rotation === 0 ? [] : ['-display_rotation', '0'];
  return [...turned, '-hwaccel', frames.kind, ...device, '-hwaccel_output_format', frames.kind];
}

/**
 * Where the resolution changes in the midst of a source, ffmpeg sets up all filters anew, and the outputs other than
 * the first end there: 27 frames of 50 were left (measured). `scale` takes frames of any size, so nothing is set up
 * anew where it is the first filter to see them: not where ffmpeg turns the picture before, and not on a device, where
 * this option is without effect (tried on an H100).
 */
export const resizeOptions = (video: VideoStream, { frames }: Route = {}): string[] =>
  frames || video.rotation !== 0 ? [] : ['-reinit_filter', '0'];

/** What ffmpeg 7.0 says then, at level `info`. */
export const SET_UP_ANEW = /Reconfiguring filter graph/;
