import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { ChunkProofs } from '../../ffmpeg/gate/chunk-proof.ts';
import { flatStretches } from '../../ffmpeg/gate/flat-stretches.ts';
import { decodeWhole } from '../../ffmpeg/gate/full-decode.ts';
import { type ScannedPacket, type ScannedStream, scanPackets } from '../../ffmpeg/gate/packet-scan.ts';
import type { Window } from '../../ffmpeg/gate/quality-windows.ts';
import { probeFile, streamEnd } from '../../ffmpeg/probed-file.ts';
import type { TaskContext } from '../task-handler.ts';
import { checkAudioStream } from './audio.ts';
import { checkChunks } from './chunks.ts';
import { type Gate, seconds } from './gate.ts';
import type { Expected, SourceTimeline } from './source-timeline.ts';

export interface ScannedRendition {
  name: string;
  path: string;
  video: ScannedStream | undefined;
  audio: ScannedStream | undefined;
  /** Bits of its pictures in each second. */
  bits: number[];
  /** Where it shows nothing, longest first. */
  flat: Window[];
}

export interface AboutRendition {
  hasAudio: boolean;
  /** The stream of the audio file, which was decoded and held against the source. */
  audio?: ScannedStream | undefined;
  timeline: SourceTimeline;
  frameRate: number | undefined;
}

/** EBU R37: sound at most this much early against the pictures, the stricter side, where 60 ms late are allowed. */
const SYNC_S = 0.04;

/** Layout, size, length, start, complete decoding of one MP4. */
export async function verifyRendition(
  rendition: SpecOf<'verify'>['renditions'][number],
  path: string,
  { hasAudio, audio: soundFile, timeline, frameRate }: AboutRendition,
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

  const { chunks } = rendition;
  const proofs = new ChunkProofs(chunks?.map(({ frame_count }) => frame_count));
  const shown: number[] = [];
  const bits: number[] = [];
  const onPacket = (packet: ScannedPacket) => {
    const { stream, pts_s, size_bytes } = packet;
    if (stream !== picture?.index) return;
    if (chunks) proofs.add(packet);
    if (pts_s === undefined) return;
    shown.push(pts_s);
    const second = Math.max(0, Math.floor(pts_s));
    bits[second] = (bits[second] ?? 0) + size_bytes * 8;
  };
  const packets = await scanPackets(tools, input, { signal, onPacket });
  const of = (type: string) =>
    packets.get(streams.find(({ codec_type }) => codec_type === type)?.index ?? -1);
  const [pictures, audio] = [of('video'), of('audio')];
  // Where pictures are reordered ffprobe guesses how long the last one is shown, by the mean rate; players go by the track.
  const end_s = picture && streamEnd(picture);
  const video = pictures && { ...pictures, end_s: end_s ?? pictures.end_s };
  const expected = video && (await checkTimeline(name, video, timeline, frameRate, gate));
  if (audio) checkAudioStream(name, audio, gate);
  const isSame = audio !== undefined && audio.digest === soundFile?.digest;
  if (soundFile) gate.check(name, 'same audio', isSame, 'held against the audio file');
  if (video && expected && audio && soundFile) {
    const [sound_s, video_s] = [audio.first_s - soundFile.first_s, video.first_s - expected.first_s];
    gate.check(
      name,
      'A/V sync',
      Math.abs(sound_s - video_s) <= SYNC_S,
      `sound ${seconds(sound_s - video_s)} late against the pictures, compared with the source`,
    );
  }
  if (chunks) {
    checkChunks(name, chunks, proofs.end(), gate);
    return { name, path, video, audio, bits, flat: [] };
  }
  // The same packets need not be decoded twice.
  const withAudio = audio !== undefined && !isSame;
  const { complaints, glimpses } = await decodeWhole(tools, path, withAudio, { signal, cwd });
  gate.check(name, 'decodes', complaints === undefined, complaints ?? `${video?.packets ?? 0} frames`);
  shown.sort((a, b) => a - b);
  return { name, path, video, audio, bits, flat: flatStretches(glimpses, shown) };
}

/** An average rate is rounded, and a live recording drops frames. */
const RATE_TOLERANCE = 0.02;

/** Matroska, WebM and FLV keep milliseconds, MPEG 1/90000 s: what rounding twice can add. */
const ROUNDING_S = 0.002;

/**
 * The same number of frames as the source, from the same start to the same end, within one frame: the last one's duration
 * is a guess in some containers. Where the container's word does not match, the source is decoded to see what it holds.
 * @returns what it was held against
 */
async function checkTimeline(
  name: string,
  video: ScannedStream,
  timeline: SourceTimeline,
  frameRate: number | undefined,
  gate: Gate,
): Promise<Expected | undefined> {
  const tolerance = 1 / (frameRate ?? 25) + ROUNDING_S;
  const matches = ({ frames, first_s, end_s }: Expected, slack: number) =>
    (frames === undefined || Math.abs(frames - video.packets) <= slack) &&
    Math.abs(first_s - video.first_s) <= tolerance &&
    Math.abs(end_s - video.end_s) <= tolerance;
  const claimed = timeline.claimed.video;
  if (!claimed) {
    gate.check(name, 'timeline', false, 'the source has no video');
    return undefined;
  }
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
  return expected;
}
