import { join } from 'node:path';
import { measureWindow } from '@transcodeflow/processors/ffmpeg/gate/quality.ts';
import { openTaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import { encode } from '@transcodeflow/processors/tasks/encode/encode.ts';
import { packageTask } from '@transcodeflow/processors/tasks/package/package.ts';
import { rounded, type Spent, timed } from '../cpu-time.ts';
import { planSource } from '../media/planned-source.ts';
import { bytesBelow, openShakaStreamer, renditionFiles } from './shaka-streamer.ts';

interface Side {
  cpu_s: number;
  wall_s: number;
  package_bytes: number;
  /** By rendition, over the whole length. */
  quality: Record<string, { ssim: number; psnr: number }>;
}

export interface PeerFigures {
  source: string;
  peer: string;
  ours: Side;
  theirs: Side;
  /** Ours divided by theirs. */
  ratio: { cpu: number; wall: number; bytes: number };
}

const HOUR_MS = 3_600_000;

/**
 * The same ladder by Shaka Streamer, at the rates that our own encode came to, so that the sizes compare. Both make
 * HLS; ours makes MP4s, a poster and a storyboard besides, whose time is included.
 */
export async function benchPeer(
  { seconds, file }: { seconds: number; file?: string | undefined },
  say: (line: string) => void,
): Promise<PeerFigures> {
  const bench = await openTaskBench();
  const signal = AbortSignal.timeout(HOUR_MS);
  try {
    const { path, source, media, plan } = await planSource(bench, { seconds, file }, signal);
    const { video } = media;

    say('encoding and packaging');
    const [encoding, packaging] = [await bench.attempt(signal), await bench.attempt(signal)];
    const ours = await timed(async () => {
      const encoded = await encode({ kind: 'encode', source, media, ...plan }, encoding);
      const { renditions, audio } = encoded;
      const packaged = await packageTask(
        { kind: 'package', renditions, segment_s: plan.segment_s, ...(audio && { audio }) },
        packaging,
      );
      return { encoded, packaged };
    });
    const { encoded, packaged } = ours.result;

    say('the same by Shaka Streamer');
    const folder = join(bench.folder, 'peer');
    const audioRate = encoded.audio?.bitrate ?? 0;
    const rungs = encoded.renditions.map(({ name, width, height, bitrate }) => ({
      name,
      width,
      height,
      bitrate: bitrate - audioRate,
    }));
    const peer = await openShakaStreamer(rungs, {
      audio_bitrate: plan.audio?.bitrate ?? 128_000,
      segment_s: plan.segment_s,
    });
    const theirs = await timed(() => peer.run(path, folder));

    say('comparing both with the source');
    const quality = async (files: readonly { name: string; path: string }[]) => {
      const compared = files.flatMap((each) => {
        const rung = rungs.find(({ name }) => name === each.name);
        return rung ? [{ ...each, width: rung.width, height: rung.height }] : [];
      });
      const window = { from_s: 0, length_s: media.duration_s };
      const { workFolder: cwd } = await bench.attempt(signal);
      const figures = await measureWindow(
        bench.tools,
        { path, media: { ...media, video } },
        compared,
        window,
        {
          signal,
          cwd,
        },
      );
      return Object.fromEntries(
        [...figures].map(([name, { ssim, psnr }]) => [
          name,
          { ssim: rounded(ssim, 4), psnr: rounded(psnr, 2) },
        ]),
      );
    };
    const own = [];
    for (const { name, object } of encoded.renditions)
      own.push({ name, path: await bench.objects.localFile(object.key, bench.folder, signal) });
    const side = ({ cpu_s, wall_s }: Spent, package_bytes: number, of: Side['quality']): Side => ({
      cpu_s: rounded(cpu_s, 1),
      wall_s: rounded(wall_s, 1),
      package_bytes,
      quality: of,
    });
    const bytes = await bytesBelow(join(folder, 'package'));
    return {
      source: `${video.width}x${video.height}, ${rounded(media.duration_s, 1)} s`,
      peer: `shaka-streamer ${peer.version}`,
      ours: side(ours, packaged.size_bytes, await quality(own)),
      theirs: side(theirs, bytes, await quality(await renditionFiles(folder))),
      ratio: {
        cpu: rounded(ours.cpu_s / theirs.cpu_s),
        wall: rounded(ours.wall_s / theirs.wall_s),
        bytes: rounded(packaged.size_bytes / bytes),
      },
    };
  } finally {
    await bench.close();
  }
}
