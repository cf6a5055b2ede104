import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { colourOf } from '../../ffmpeg/testing/colour-of.ts';
import { processFile } from '../../ffmpeg/testing/pipeline.ts';
import { picture, x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';

const SAMPLE = fileURLToPath(new URL('../../../samples/bunny-with-reading.mp4', import.meta.url));
const bench = await openTaskBench();
test.after.always(() => bench.close());

test.serial('the poster is not black where the video begins and ends in black', async (t) => {
  const fade = await bench.make(
    'fade.mp4',
    ...picture('640x360', ':rate=25:duration=6'),
    '-vf',
    "drawbox=t=fill:c=black:enable='lt(t,2.5)+gt(t,4)'",
    ...x264,
  );
  const { encoded } = await processFile(bench, fade);
  t.true(Math.max(...(await colourOf(bench, encoded.poster?.object.key ?? '', 'iw:ih:0:0'))) > 60);
});

/** The film's own picture where `bad` is not over it, between 2 and 3 of 6 s. */
async function posterBeside(name: string, bad: string): Promise<number[]> {
  const film = ['-ss', '5', '-t', '6', '-i', SAMPLE, '-an'];
  // A mark in the corner shows in the poster which of the two it is.
  const graph = `[0:v]scale=640:360,split[good][bad];[good]drawbox=w=40:h=40:c=red:t=fill[marked];[bad]${bad}[spoilt];[marked][spoilt]overlay=enable='lt(t,2)+gt(t,3)'`;
  const path = await bench.make(`${name}.mp4`, ...film, '-filter_complex', graph, ...x264);
  const { encoded } = await processFile(bench, path);
  return colourOf(bench, encoded.poster?.object.key ?? '', '30:30:4:4');
}

for (const [what, bad] of [
  ['black', 'drawbox=t=fill:c=black'],
  ['white', 'drawbox=t=fill:c=white'],
  ['fades', 'eq=contrast=0.15:brightness=-0.3'],
  ['blur', 'gblur=sigma=12'],
  ['noise', 'drawbox=t=fill:c=gray,noise=alls=100:allf=t'],
  ['coarse noise', 'scale=320:180,drawbox=t=fill:c=gray,noise=alls=100:allf=t,scale=640:360:flags=neighbor'],
  ['noise over a dim picture', 'eq=contrast=0.3:brightness=-0.3,noise=alls=60:allf=t'],
  ['a test card', 'drawbox=t=fill:c=gray,drawbox=w=iw/3:t=fill:c=white,drawbox=x=iw/3*2:t=fill:c=black'],
] as const)
  test.serial(`the poster is the film where the rest is ${what}`, async (t) => {
    const [red = 0, green = 255] = await posterBeside(what.replaceAll(' ', '-'), bad);
    t.true(red > 200 && green < 80, `${red} ${green}`);
  });

test.serial('storyboard tiles show their moment', async (t) => {
  const change =
    'color=red:size=320x180:rate=25:duration=2[a];color=blue:size=320x180:rate=25:duration=2[b];[a][b]concat';
  const { encoded } = await processFile(
    bench,
    await bench.make('change.mp4', '-f', 'lavfi', '-i', change, ...x264),
  );
  t.is(encoded.storyboard?.tiles, 2);
  const key = encoded.storyboard?.image.key ?? '';
  t.true(((await colourOf(bench, key, 'iw/2:ih:0:0'))[0] ?? 0) > 200);
  t.true(((await colourOf(bench, key, 'iw/2:ih:iw/2:0'))[2] ?? 0) > 200);
  const { body } = await bench.objects.get(encoded.storyboard?.vtt.key ?? '');
  t.regex(await text(body), /00:00:02\.000 --> 00:00:04\.000\nstoryboard\.jpg#xywh=320,0,320,180/);
});

test.serial('a sheet of several rows has every tile in its place', async (t) => {
  // The picture brightens from black to white over six seconds.
  const path = await bench.make(
    'brighten.mp4',
    '-f',
    'lavfi',
    '-i',
    'color=black:size=320x180:rate=25:duration=6,geq=lum=16+T*36:cb=128:cr=128',
    ...x264,
  );
  const grid = { interval_s: 1, tile_width: 64, tile_height: 36, columns: 4, rows: 2 };
  const { encoded } = await processFile(bench, path, { storyboard: grid });
  t.is(encoded.storyboard?.tiles, 6);
  const key = encoded.storyboard?.image.key ?? '';
  const red: number[] = [];
  for (let tile = 0; tile < 8; tile += 1) {
    const [level = -1] = await colourOf(bench, key, `64:36:${(tile % 4) * 64}:${Math.floor(tile / 4) * 36}`);
    red.push(level);
  }
  const rising = red.slice(0, 6).every((level, tile) => tile === 0 || level > (red[tile - 1] ?? 0) + 20);
  t.true(rising, `tiles of red ${red}`);
  t.true(Math.max(...red.slice(6)) < 20, `cells without a tile of red ${red.slice(6)}`);
});
