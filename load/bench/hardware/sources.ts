import { join } from 'node:path';
import type { TaskBench } from '@transcodeflow/processors/ffmpeg/testing/task-bench.ts';
import { makeSource } from '../media/make-source.ts';

export interface NamedSource {
  name: string;
  path: string;
}

/** As phones, cameras and broadcasters make them: each needs something else beside decoding and scaling. */
export async function* hardwareSources(bench: TaskBench, seconds: number): AsyncGenerator<NamedSource> {
  const path = join(bench.folder, 'plain.mp4');
  const plain = await makeSource(bench.tools, path, { seconds, width: 1920, height: 1080 });
  yield { name: 'H.264, 1080p', path: plain };
  const turned = await bench.make('turned.mp4', '-display_rotation', '-90', '-i', plain, '-c', 'copy');
  yield { name: 'H.264, 1080p, turned', path: turned };
  const make = async (name: string, filters: string, ...codec: string[]) => ({
    name,
    path: await bench.make(`${name.replaceAll(/\W+/g, '-')}.mp4`, '-i', plain, '-vf', filters, ...codec),
  });
  const x264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18'];
  yield make('H.264, 1080p, full range', 'scale=out_range=pc,format=yuvj420p', ...x264);
  yield make('H.264, 1080i', 'interlace=scan=tff,setfield=tff', ...x264, '-flags', '+ilme+ildct');
  const x265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-crf', '18', '-x265-params', 'log-level=none'];
  yield make('HEVC, 2160p, 10 bits', 'scale=3840:2160,format=yuv420p10le', ...x265);
  // SDR white at 203 nits, as ITU-R BT.2408 has it.
  const bt2020 =
    't=linear:npl=203,format=gbrpf32le,zscale=p=bt2020,zscale=t=smpte2084:m=bt2020nc:r=tv:npl=203';
  const hdr = `scale=3840:2160,zscale=tin=bt709:min=bt709:pin=bt709:${bt2020},format=yuv420p10le`;
  const tags = ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'];
  yield make('HEVC, 2160p, HDR10', hdr, ...x265, ...tags);
}
