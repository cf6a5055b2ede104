import { decodeComplaints } from '../ffmpeg/gate/full-decode.ts';
import { type ScannedStream, scanPackets } from '../ffmpeg/gate/packet-scan.ts';
import type { TaskContext } from './task-handler.ts';
import { type Gate, seconds } from './verify-gate.ts';
import type { SourceTimeline } from './verify-source.ts';

/** Time stamps are whole samples; a lost AAC frame would be 21 ms. */
const GAP_S = 0.0015;
/** The encoder's priming (1024 samples before 0), or none. */
const START_S = 0.05;
/** A last AAC frame, its priming, and what resampling to the file's clock adds. */
const LENGTH_S = 0.1;

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
  gate.check(output, 'audio start', Math.abs(audio.first_s) <= START_S, seconds(audio.first_s));
}

/**
 * An audio file against its own stream of the source.
 * @param stream_index absent: whichever fits
 * @returns its only stream
 */
export async function verifyAudio(
  output: string,
  path: string,
  { stream_index, timeline }: { stream_index: number | undefined; timeline: SourceTimeline },
  gate: Gate,
  context: TaskContext,
): Promise<ScannedStream | undefined> {
  const { tools, signal, workFolder: cwd } = context;
  const packets = await scanPackets(tools, ['-i', `file:${path}`], { signal });
  const audio = packets.get(0);
  gate.check(output, 'streams', packets.size === 1, `${packets.size}, expected 1`);
  if (!audio) return undefined;
  checkAudioStream(output, audio, gate);
  const own = <T extends { index: number }>(streams: readonly T[]) =>
    streams.filter(({ index }) => stream_index === undefined || index === stream_index);
  const claimed = own(timeline.claimed.audio);
  const close = ({ end_s }: { end_s: number }) => Math.abs(end_s - audio.end_s) <= LENGTH_S;
  const honest = claimed.some(close);
  const expected = honest ? claimed : own(await timeline.measuredAudio());
  const ends = expected.map(({ end_s }) => seconds(end_s)).join(' or ');
  gate.check(
    output,
    'duration',
    honest || expected.some(close),
    `ends at ${seconds(audio.end_s)}, source at ${ends}`,
  );
  const complaints = await decodeComplaints(tools, path, { signal, cwd });
  gate.check(output, 'decodes', complaints === undefined, complaints ?? `${audio.packets} packets`);
  return audio;
}
