import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import test from 'ava';
import { parseIFrames } from '../../ffmpeg/i-frame-playlist.ts';
import { parseMasterPlaylist } from '../../ffmpeg/master-playlist.ts';
import { runFfmpeg } from '../../ffmpeg/run-ffmpeg.ts';
import { type Processed, processFile } from '../../ffmpeg/testing/pipeline.ts';

import { openGateBench } from '../verify/testing/gate-bench.ts';
import { verify } from '../verify/verify.ts';

const bench = await openGateBench();
test.after.always(() => bench.close());

const read = async (key: string) => text((await bench.objects.get(key)).body);
let made: Promise<Processed> | undefined;
/** Once for all tests: five seconds in two sizes. */
const processed = () => (made ??= process());
async function process(): Promise<Processed> {
  const film = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25:duration=5'];
  const source = await bench.make('a.mp4', ...film, '-c:v', 'libx264', '-preset', 'ultrafast');
  return processFile(bench, source);
}

test.serial(
  'each variant has a playlist of keyframes: ranges of its segments that decode alone',
  async (t) => {
    const { packaged } = await processed();
    const { prefix } = packaged;
    const master = await read(`${prefix}${packaged.master}`);
    t.deepEqual(parseMasterPlaylist(master).iFrames, ['360p/iframes.m3u8', '720p/iframes.m3u8']);
    t.regex(
      master,
      /#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="avc1[^"]+",RESOLUTION=1280x720,VIDEO-RANGE=SDR,URI="720p/,
    );
    const frames = parseIFrames(await read(`${prefix}720p/iframes.m3u8`)) ?? [];
    t.is(frames.length, 3);
    const { workFolder: cwd, signal } = await bench.attempt();
    for (const { uri, range } of frames) {
      const { start, length } = range;
      const part = await bench.objects.get(`${prefix}720p/${uri}`, {
        range: { start, end: start + length - 1 },
      });
      const bytes = [
        await buffer((await bench.objects.get(`${prefix}720p/init.mp4`)).body),
        await buffer(part.body),
      ];
      const input = ['-i', 'pipe:0', '-frames:v', '1', '-f', 'null', '-'];
      const { last } = await runFfmpeg(bench.tools, input, { signal, cwd, stdin: Readable.from(bytes) });
      t.is(last.frame, 1, uri);
    }
  },
);

test.serial(
  'the gate takes no range that is not a keyframe, and no playlist of other segments',
  async (t) => {
    const { packaged, verifySpec } = await processed();
    const { prefix } = packaged;
    const path = `${prefix}720p/iframes.m3u8`;
    const good = await read(path);
    const passed = await verify(verifySpec, await bench.attempt());
    t.true(
      passed.checks.some(
        ({ output, check }) => output === 'hls/720p/iframes.m3u8' && check === 'byte ranges',
      ),
    );
    for (const [what, bad, check] of [
      [
        'a byte more',
        good.replace(/BYTERANGE:(\d+)@/, (_, length) => `BYTERANGE:${Number(length) + 1}@`),
        /byte ranges/,
      ],
      ['another place', good.replace(/@(\d+)/, (_, start) => `@${Number(start) + 8}`), /byte ranges/],
      ['another segment', good.replace('segment-00002', 'segment-00001'), /frames/],
      ['no playlist of keyframes', good.replace('#EXT-X-I-FRAMES-ONLY\n', ''), /exists/],
    ] as const) {
      await bench.objects.put(path, Readable.from([bad]));
      t.regex(await bench.complaints(verifySpec), check, what);
    }
    await bench.objects.put(path, Readable.from([good]));
  },
);
