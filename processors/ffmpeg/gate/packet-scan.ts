import { createHash, type Hash } from 'node:crypto';
import type { MediaTools } from '../media-tools.ts';
import { type ProbeOptions, probeLines } from '../run-ffprobe.ts';

export interface ScannedPacket {
  stream: number;
  /** Seconds; undefined where the packet has none. */
  pts_s: number | undefined;
  duration_s: number;
  /** Byte offset of the packet in the input. */
  position: number;
  keyframe: boolean;
  size_bytes: number;
  /** Of its bytes. */
  data_hash: string;
}

/** One stream, from all of its packets. */
export interface ScannedStream {
  packets: number;
  first_s: number;
  /** End of the packet that is shown last. */
  end_s: number;
  /** When each packet is shown, in decoding order; NaN for one without a time stamp. */
  shown_s: number[];
  /** Of the packets' bytes in decoding order: equal digests are the same elementary stream. */
  digest: string;
  /** The largest distance between the end of a packet and the start of the next one. */
  largestGap_s: number;
  /** MP4 hides a hole by stretching the packet before it. */
  longestPacket_s: number;
}

interface Running extends Omit<ScannedStream, 'digest'> {
  hash: Hash;
  next_s: number | undefined;
}

/**
 * Lists every packet of our own output without decoding it, by stream index.
 * @param input ffprobe's input arguments @param onPacket sees each packet, in file order
 */
export async function scanPackets(
  tools: MediaTools,
  input: readonly string[],
  options: ProbeOptions & { onPacket?: (packet: ScannedPacket) => void },
): Promise<Map<number, ScannedStream>> {
  const entries = 'packet=stream_index,pts_time,duration_time,pos,size,flags,data_hash';
  const args = ['-show_data_hash', 'md5', '-show_entries', entries, '-of', 'compact=p=0:nk=0', ...input];
  const streams = new Map<number, Running>();
  for await (const line of probeLines(tools, args, options)) {
    const fields = new Map(line.split('|').map((field) => splitOnce(field)));
    // Side data of a packet (AAC's priming) comes on lines of its own.
    if (!fields.has('stream_index')) continue;
    const packet = packetOf(fields);
    options.onPacket?.(packet);
    let stream = streams.get(packet.stream);
    if (!stream) {
      stream = {
        packets: 0,
        first_s: Number.POSITIVE_INFINITY,
        end_s: 0,
        shown_s: [],
        largestGap_s: 0,
        longestPacket_s: 0,
        hash: createHash('md5'),
        next_s: undefined,
      };
      streams.set(packet.stream, stream);
    }
    take(stream, packet);
  }
  return new Map(
    [...streams].map(([index, { hash, next_s: _, ...rest }]) => [
      index,
      { ...rest, digest: hash.digest('hex') },
    ]),
  );
}

function take(stream: Running, { pts_s, duration_s, data_hash }: ScannedPacket): void {
  stream.packets += 1;
  stream.hash.update(data_hash);
  stream.shown_s.push(pts_s ?? Number.NaN);
  if (pts_s === undefined) return;
  if (stream.next_s !== undefined)
    stream.largestGap_s = Math.max(stream.largestGap_s, Math.abs(pts_s - stream.next_s));
  // The first packet of a fragmented file may lack its duration: nothing can be said about the next one then.
  stream.next_s = duration_s > 0 ? pts_s + duration_s : undefined;
  stream.longestPacket_s = Math.max(stream.longestPacket_s, duration_s);
  stream.first_s = Math.min(stream.first_s, pts_s);
  stream.end_s = Math.max(stream.end_s, pts_s + duration_s);
}

function packetOf(fields: ReadonlyMap<string, string>): ScannedPacket {
  const number = (name: string) => {
    const value = Number(fields.get(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  return {
    stream: number('stream_index') ?? -1,
    pts_s: number('pts_time'),
    duration_s: number('duration_time') ?? 0,
    position: number('pos') ?? -1,
    size_bytes: number('size') ?? 0,
    keyframe: (fields.get('flags') ?? '').includes('K'),
    data_hash: fields.get('data_hash') ?? '',
  };
}

function splitOnce(field: string): [string, string] {
  const at = field.indexOf('=');
  return [field.slice(0, at), field.slice(at + 1)];
}
