import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import test from 'ava';
import { processFile } from '../../ffmpeg/testing/pipeline.ts';
import { picture, tone, x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { parseVtt } from '../../ffmpeg/webvtt.ts';
import { TaskError } from '../../task-error.ts';
import { verify } from '../verify/verify.ts';
import { packageTask } from './package.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

const read = async (key: string) => text((await bench.objects.get(key)).body);
const srt = (words: string) =>
  `1\n00:00:00,500 --> 00:00:01,500\n${words}\n\n2\n00:00:02,000 --> 00:00:09,000\nToo long\n\n3\n00:00:08,000 --> 00:00:09,000\nLater\n`;

/** A film of four seconds with subtitles of three kinds, and a transcript of it. */
async function subtitled() {
  await writeFile(join(bench.folder, 'en.srt'), srt('Tom & Jerry <i>run</i> 1 < 2'));
  await writeFile(join(bench.folder, 'de.srt'), srt('Ein Schild'));
  const inputs = ['-i', join(bench.folder, 'en.srt'), '-i', join(bench.folder, 'de.srt')];
  const source = await bench.make(
    'subtitled.mkv',
    ...[...picture('320x180', ':rate=25:duration=4'), ...tone(4), ...inputs],
    ...['-map', '0:v', '-map', '1:a', '-map', '2:s', '-map', '3:s', '-map', '2:s', ...x264],
    ...['-c:s:0', 'subrip', '-c:s:1', 'ass', '-c:s:2', 'webvtt', '-t', '4'],
    ...[
      '-metadata:s:s:0',
      'language=eng',
      '-metadata:s:s:1',
      'language=ger',
      '-metadata:s:s:2',
      'language=eng',
    ],
    ...['-disposition:s:0', 'default', '-disposition:s:1', 'forced', '-disposition:s:2', 'hearing_impaired'],
  );
  const processed = await processFile(bench, source);
  const vtt = 'WEBVTT\n\n00:01.000 --> 00:02.000\nSpoken words\n';
  await bench.objects.put('transcript.vtt', Readable.from([vtt]));
  const spec: SpecOf<'package'> = {
    kind: 'package',
    renditions: processed.encoded.renditions,
    ...(processed.encoded.audio && { audio: processed.encoded.audio }),
    segment_s: 2,
    dash: true,
    subtitles: {
      source: processed.source,
      streams: processed.media.subtitles.map(({ index, codec: _, text: __, default: ___, ...about }) => ({
        ...about,
        name: `subtitles-${index}`,
        stream_index: index,
      })),
    },
    captions: {
      vtt: { key: 'transcript.vtt', size_bytes: vtt.length, content_type: 'text/vtt' },
      language: 'en',
    },
  };
  return { processed, spec };
}

let made: ReturnType<typeof subtitled> | undefined;
const film = () => {
  made ??= subtitled();
  return made;
};

test.serial(
  'text subtitles and the transcript are tracks of HLS and of DASH, and pass the gate',
  async (t) => {
    const { processed, spec } = await film();
    const packaged = await packageTask(spec, await bench.attempt());
    const master = await read(`${packaged.prefix}${packaged.master}`);
    t.deepEqual(
      master.split('\n').filter((line) => line.includes('TYPE=SUBTITLES')),
      [
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="English",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="subtitles-2/playlist.m3u8"',
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="German",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,FORCED=YES,URI="subtitles-3/playlist.m3u8"',
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="English 3",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound",URI="subtitles-4/playlist.m3u8"',
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="English (automatic)",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog",URI="captions/playlist.m3u8"',
      ],
    );
    t.regex(master, /#EXT-X-STREAM-INF:.*SUBTITLES="text"/);
    for (const stream of ['2', '3', '4'] as const) {
      const vtt = await read(`${packaged.prefix}subtitles-${stream}/text.vtt`);
      t.regex(vtt, /^WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00\.000,MPEGTS:0\n/);
      const [first, second, third] = parseVtt(vtt);
      // Matroska's clock may begin some milliseconds before the first picture.
      t.true(Math.abs((first?.start_s ?? 0) - 0.5) < 0.02 && Math.abs((first?.end_s ?? 0) - 1.5) < 0.02);
      if (stream === '2') t.is(first?.text, 'Tom &amp; Jerry <i>run</i> 1 &lt; 2');
      // The cue that ends behind the video ends with it; the one that begins there is left out.
      t.true(
        second !== undefined && Math.abs(second.start_s - 2) < 0.02 && Math.abs(second.end_s - 4) < 0.03,
        JSON.stringify(second),
      );
      t.is(third, undefined);
    }
    const manifest = await read(`${packaged.prefix}${packaged.dash?.manifest}`);
    t.regex(manifest, /lang="de"><Label>German<\/Label><Role [^>]*value="forced-subtitle"/);
    t.regex(manifest, /<BaseURL>captions\/text\.vtt<\/BaseURL>/);
    t.like(packaged.captions, { name: 'captions', language: 'en', cues_count: 1, role: 'caption' });
    let stored = 0;
    for await (const { size } of bench.objects.list(packaged.prefix)) stored += size;
    t.is(packaged.size_bytes, stored);

    const names = [...(packaged.subtitles ?? []), packaged.captions].map((track) => track?.name ?? '');
    const hls = { ...packaged, manifest: packaged.dash?.manifest, texts: names };
    const { checks } = await verify({ ...processed.verifySpec, hls }, await bench.attempt());
    t.is(checks.filter(({ check }) => check === 'cues').length, 4);
    const complaints = async (changes: object) => {
      const error = await verify(
        { ...processed.verifySpec, hls: { ...hls, ...changes } },
        await bench.attempt(),
      ).catch((e) => e);
      return error instanceof TaskError ? String(error.info.detail) : 'passed';
    };
    t.regex(await complaints({ texts: names.slice(1) }), /hls: text tracks: .*\ndash: text tracks: /);
    const put = (name: string, content: string) =>
      bench.objects.put(`${packaged.prefix}captions/${name}`, Readable.from([content]));
    await put('text.vtt', 'WEBVTT\n\n00:03.000 --> 00:05.000\nBehind the end\n');
    t.regex(await complaints({}), /captions\/playlist\.m3u8: cues: 1, 1 of them outside/);
    await put('playlist.m3u8', '#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\ngone.vtt\n#EXT-X-ENDLIST\n');
    t.regex(
      await complaints({}),
      /captions\/playlist\.m3u8: duration: segments add up to 3\.000 s[\s\S]*gone\.vtt is missing/,
    );
  },
);

test.serial(
  'a track that is none is left out with the reason; the others and the video are there',
  async (t) => {
    const { spec } = await film();
    const [first] = spec.subtitles?.streams ?? [];
    if (!first || !spec.subtitles) throw new Error('There are no subtitles');
    // Stream 0 is the video: no subtitles come of it.
    const streams = [{ name: 'subtitles-und', stream_index: 0 }, first];
    const { captions: _, ...silent } = spec;
    const packaged = await packageTask(
      { ...silent, subtitles: { ...spec.subtitles, streams } },
      await bench.attempt(),
    );
    t.deepEqual(packaged.subtitles_left_out, [
      { name: 'subtitles-und', stream_index: 0, reason: 'It could not be read' },
    ]);
    t.deepEqual(
      packaged.subtitles?.map(({ name, cues_count }) => [name, cues_count]),
      [['subtitles-2', 2]],
    );
    t.is(packaged.captions, undefined);
  },
);
