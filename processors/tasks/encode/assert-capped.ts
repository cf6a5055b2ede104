import { join } from 'node:path';
import type { Rendition } from '@transcodeflow/shared/contracts/rendition.ts';
import { type ScannedPacket, scanPackets } from '../../ffmpeg/gate/packet-scan.ts';
import { renditionFile } from '../../ffmpeg/plan/encode-plan.ts';
import { TaskError } from '../../task-error.ts';
import type { TaskContext } from '../task-handler.ts';

/** A cap that was passed by hardware; the CPU keeps it. */
export const RATE_EXCEEDED = 'rate_exceeded';

/** Devices' rate control is coarser than x264's: so much more a second passes, however long. */
const LEAK = 1.25;
/** Of the cap: one and a half times the buffer of two seconds, which may be spent at once. */
const BUFFER_S = 3;
/**
 * Bits of a pixel in each second that are never too many: caps follow the rate of the source, and no encoder can hold the
 * keyframes of a still picture to a source that had one in ten minutes.
 */
const LEAST = 0.5;

/**
 * Holds what a device encoded against the caps: ICQ and CQP have none, and a driver need not do what it is told.
 * @throws {TaskError} `rate_exceeded`
 */
export async function assertCapped(
  renditions: readonly Rendition[],
  { tools, signal, workFolder }: Pick<TaskContext, 'tools' | 'signal' | 'workFolder'>,
): Promise<void> {
  for (const { name, width, height, max_bitrate } of renditions) {
    const bits: number[] = [];
    const onPacket = ({ pts_s, size_bytes }: ScannedPacket) => {
      const second = Math.max(0, Math.floor(pts_s ?? 0));
      bits[second] = (bits[second] ?? 0) + size_bytes * 8;
    };
    const input = ['-select_streams', 'v:0', '-i', `file:${join(workFolder, renditionFile(name))}`];
    await scanPackets(tools, input, { signal, onPacket }).catch((error: unknown) => {
      // What cannot be read is for the gate to say.
      if (!(error instanceof TaskError)) throw error;
    });
    const at_s = overCap(bits, Math.max(max_bitrate, width * height * LEAST));
    if (at_s === undefined) continue;
    const [most = 0] = bits.map((each) => each ?? 0).toSorted((a, b) => b - a);
    throw new TaskError({
      code: RATE_EXCEEDED,
      message: 'What the hardware encoder made has a higher rate than it may have.',
      detail: `${name}: over its cap of ${kbit(max_bitrate)} at ${at_s} s, up to ${kbit(most)}`,
      retryable: true,
    });
  }
}

/**
 * As the cap is defined, by a buffer that fills with the bits of each second and drains at the cap: a calm picture may be
 * followed by two seconds of twice the cap, so that no short window tells.
 * @param bits of each second; absent where nothing is shown @returns the second in which it runs over
 */
export function overCap(bits: readonly (number | undefined)[], max_bitrate: number): number | undefined {
  let level = 0;
  for (let second = 0; second < bits.length; second += 1) {
    level = Math.max(0, level + (bits[second] ?? 0) - LEAK * max_bitrate);
    if (level > BUFFER_S * max_bitrate) return second;
  }
  return undefined;
}

const kbit = (rate: number) => `${Math.round(rate / 1000)} kbit/s`;
