import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import type { Trim } from '@transcodeflow/shared/contracts/trim.ts';
import { type ScannedStream, scanPackets } from '../../ffmpeg/gate/packet-scan.ts';
import { soundHoles } from '../../ffmpeg/gate/sound-holes.ts';
import { measureLevels } from '../../ffmpeg/gate/sound-levels.ts';
import { type SoundOffset, soundOffsets } from '../../ffmpeg/gate/sound-offset.ts';
import { ALIGNED } from '../../ffmpeg/plan/loudness.ts';
import { trimming } from '../../ffmpeg/plan/trimming.ts';
import { untrustedInput } from '../../ffmpeg/untrusted-input.ts';
import type { TaskContext } from '../task-handler.ts';
import { type Gate, seconds } from './gate.ts';

/** Time stamps are whole samples; a lost AAC frame would be 21 ms. */
const GAP_S = 0.0015;
/** Players skip the encoder's priming, of one frame or two, so that sound is heard from 0 on. */
const PRIMING_S = 0.0475;
/** One AAC frame at 44.1 kHz: the last one is filled up with silence. */
const FRAME_S = 0.0233;
/** EBU R37 lets sound be 40 ms early and 60 ms late in all; our part is measured to 1 ms and is none. */
const OFFSET_S = 0.02;
/** Places where our own decoder puts samples: where their time stamps say, silence between them. */
const BY_TIME_STAMP = 'aresample=async=1:min_hard_comp=0.005:first_pts=0';

/** No holes, and a start at the file's: the pictures are held against the source's clock, so both keep in step. */
export function checkAudioStream(output: string, audio: ScannedStream, gate: Gate): void {
  // AAC packets are of one length. Where MP4 lacks some, it stretches the packet before them.
  const usual = (audio.end_s - audio.first_s) / audio.packets;
  const hole = Math.max(audio.largestGap_s, audio.longestPacket_s - usual);
  gate.check(
    output,
    'audio without gaps',
    hole <= GAP_S,
    `largest gap ${seconds(hole)} in ${audio.packets} packets`,
  );
  const inPlace = audio.first_s <= GAP_S && audio.first_s >= -PRIMING_S;
  gate.check(output, 'audio start', inPlace, `first packet at ${seconds(audio.first_s)}`);
}

/** A track of the source and what was made of it. */
export interface VerifiedSound {
  source: { path: string; media: MediaInfo; trim?: Trim | undefined; stream_index?: number | undefined };
  path: string;
}

/**
 * The audio file: packets, complete decoding, and the decoded sound against the source's, decoded once more: its length,
 * its offset at the start and at the end, and silence that the source does not have.
 * @returns its only stream
 */
export async function verifyAudio(
  output: string,
  { source, path }: VerifiedSound,
  gate: Gate,
  context: TaskContext,
): Promise<ScannedStream | undefined> {
  const { tools, signal } = context;
  const own = ['-protocol_whitelist', 'file', '-i', `file:${path}`];
  const packets = await scanPackets(tools, own, { signal });
  const audio = packets.get(0);
  gate.check(output, 'streams', packets.size === 1, `${packets.size}, expected 1`);
  if (!audio) return undefined;
  checkAudioStream(output, audio, gate);
  const track =
    source.media.audio.find(({ index }) => index === source.stream_index) ??
    source.media.audio.find((stream) => stream.default) ??
    source.media.audio[0];
  if (!track) throw new Error('The source of an audio file has no sound');

  const found = await measureLevels(tools, ['-xerror', ...own], '0:0', [BY_TIME_STAMP], { signal });
  const { complaints } = found;
  gate.check(output, 'decodes', complaints === undefined, complaints ?? `${audio.packets} packets`);
  const part = trimming(source.trim, source.media);
  const input = ['-max_error_rate', '1', ...untrustedInput(source.path, part.input)];
  const mixed = `aformat=channel_layouts=${track.channels === 1 ? 'mono' : 'stereo'}`;
  const wanted = await measureLevels(tools, input, `0:${track.index}`, [...part.audio, ALIGNED, mixed], {
    signal,
  });
  gate.check(
    output,
    'duration',
    Math.abs(found.length_s - wanted.length_s) <= FRAME_S,
    `${seconds(found.length_s)} of sound, source ${seconds(wanted.length_s)}`,
  );
  checkOffset(output, soundOffsets(wanted.bins, found.bins), gate);
  const holes = soundHoles(wanted.bins, found.bins);
  const [first] = holes;
  const lost = holes.reduce((sum, { length_s }) => sum + length_s, 0);
  gate.check(
    output,
    'no lost sound',
    !first,
    first
      ? `silent where the source is not: ${holes.length} times, ${seconds(lost)}, first at ${seconds(first.at_s)}`
      : `${seconds(found.length_s)} heard`,
  );
  return audio;
}

function checkOffset(
  output: string,
  { start, end }: { start?: SoundOffset; end?: SoundOffset },
  gate: Gate,
): void {
  if (!start || !end) {
    gate.check(output, 'in step', true, 'the level hardly varies: nothing to tell an offset by');
    return;
  }
  const figures = ({ late_s, at_s, alike }: SoundOffset) =>
    `${seconds(late_s)} late at ${seconds(at_s)} (correlation ${alike.toFixed(2)})`;
  gate.check(
    output,
    'in step',
    Math.max(Math.abs(start.late_s), Math.abs(end.late_s)) <= OFFSET_S,
    `${figures(start)}, ${figures(end)}, drift ${seconds(end.late_s - start.late_s)}`,
  );
}
