import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { decodeComplaints } from '../ffmpeg/gate/full-decode.ts';
import { type ScannedStream, scanPackets } from '../ffmpeg/gate/packet-scan.ts';
import { probeFile } from '../ffmpeg/probed-file.ts';
import type { TaskContext } from './task-handler.ts';
import { checkAudioStream } from './verify-audio.ts';
import { type Gate, seconds } from './verify-gate.ts';
import type { Expected, SourceTimeline } from './verify-source.ts';

export interface ScannedRendition {
  name: string;
  path: string;
  video: ScannedStream | undefined;
  audio: ScannedStream | undefined;
}

/** Layout, size, length, start, complete decoding of one MP4. */
export async function verifyRendition(
  rendition: SpecOf<'verify'>['renditions'][number],
  path: string,
  {
    hasAudio,
    timeline,
    frameRate,
  }: { hasAudio: boolean; timeline: SourceTimeline; frameRate: number | undefined },
  gate: Gate,
  context: TaskContext,
): Promise<ScannedRendition> {
  const { tools, signal, workFolder: cwd } = context;
  const { name } = rendition;
  const input = ['-i', `file:${path}`];
  const { streams } = await probeFile(tools, input, { signal });
  const layout = streams.map(({ codec_type, codec_name }) => `${codec_type}:${codec_name}`).join(' ');
  const codec = rendition.codec ?? 'h264';
  const wanted = hasAudio ? `video:${codec} audio:aac` : `video:${codec}`;
  gate.check(name, 'streams', layout === wanted, `${layout || 'none'}, expected ${wanted}`);
  const picture = streams.find(({ codec_type }) => codec_type === 'video');
  const size = `${picture?.width}x${picture?.height}`;
  const upright = picture?.side_data_list.every(({ rotation }) => !rotation) ?? false;
  gate.check(
    name,
    'size',
    upright && size === `${rendition.width}x${rendition.height}`,
    `${size}, expected ${rendition.width}x${rendition.height}`,
  );

  const packets = await scanPackets(tools, input, { signal });
  const of = (type: string) =>
    packets.get(streams.find(({ codec_type }) => codec_type === type)?.index ?? -1);
  const [video, audio] = [of('video'), of('audio')];
  if (video) await checkTimeline(name, video, timeline, frameRate, gate);
  if (audio) checkAudioStream(name, audio, gate);
  const complaints = await decodeComplaints(tools, path, { signal, cwd });
  gate.check(name, 'decodes', complaints === undefined, complaints ?? `${video?.packets ?? 0} frames`);
  return { name, path, video, audio };
}

/** An average rate is rounded, and a live recording drops frames. */
const RATE_TOLERANCE = 0.02;

/**
 * The same number of frames as the source, from the same start to the same end. One and a half frames of
 * tolerance: containers round, and the last frame's duration is a guess in some; at least 50 ms, as others keep
 * milliseconds only. Where the container's word does not match, the source is decoded to see what it holds.
 */
async function checkTimeline(
  name: string,
  video: ScannedStream,
  timeline: SourceTimeline,
  frameRate: number | undefined,
  gate: Gate,
): Promise<void> {
  const tolerance = Math.max(0.05, 1.5 / (frameRate ?? 25));
  const matches = ({ frames, first_s, end_s }: Expected, slack: number) =>
    (frames === undefined || Math.abs(frames - video.packets) <= slack) &&
    Math.abs(first_s - video.first_s) <= tolerance &&
    Math.abs(end_s - video.end_s) <= tolerance;
  const claimed = timeline.claimed.video;
  if (!claimed) return gate.check(name, 'timeline', false, 'the source has no video');
  // Where the container does not count its frames, their rate tells whether many are missing.
  const rated = (frameRate ?? 0) * (video.end_s - video.first_s);
  const plausible =
    claimed.frames !== undefined ||
    rated === 0 ||
    Math.abs(video.packets - rated) <= Math.max(2, rated * RATE_TOLERANCE);
  const honest = plausible && matches(claimed, 0);
  const expected: Expected = honest ? claimed : await timeline.measuredVideo();
  const figures = ({ frames, first_s, end_s }: Expected) =>
    `${frames ?? '?'} frames from ${seconds(first_s)} to ${seconds(end_s)}`;
  const found = figures({ frames: video.packets, first_s: video.first_s, end_s: video.end_s });
  const source = honest ? 'source' : 'decodable part of the source';
  gate.check(name, 'timeline', honest || matches(expected, 1), `${found}, ${source} ${figures(expected)}`);
}
