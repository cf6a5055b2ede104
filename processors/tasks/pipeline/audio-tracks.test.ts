import { text } from 'node:stream/consumers';
import type { EncodeSpec } from '@transcodeflow/shared/contracts/encode-specs.ts';
import test from 'ava';
import { execa } from 'execa';
import { processFile } from '../../ffmpeg/testing/pipeline.ts';
import { picture, x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { encode } from '../encode/encode.ts';
import { packageTask } from '../package/package.ts';
import { verify } from '../verify/verify.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

const sine = (frequency: number, seconds: number) => [
  ...['-f', 'lavfi', '-i', `sine=frequency=${frequency}:sample_rate=48000:duration=${seconds}`],
];
const tag = (index: number, language: string) => [`-metadata:s:a:${index}`, `language=${language}`];
const maps = [0, 1, 2, 3].flatMap((input) => ['-map', String(input)]);
const made = bench.make(
  'tracks.mkv',
  ...[
    ...picture('320x180', ':rate=25:duration=3'),
    ...sine(300, 3),
    ...sine(1200, 3),
    ...sine(600, 2),
    ...maps,
  ],
  ...[...x264, '-c:a', 'aac', ...tag(0, 'eng'), ...tag(1, 'ger'), ...tag(2, 'eng')],
  ...['-metadata:s:a:2', 'title=The "director"'],
);
const aac = { codec: 'aac' as const, bitrate: 64_000, channels: 1 };
const sounds: Partial<EncodeSpec> = {
  audio: { stream_index: 1, ...aac, language: 'eng' },
  audio_alternates: [
    { name: 'audio-de', stream_index: 2, ...aac, language: 'ger' },
    { name: 'audio-en-2', stream_index: 3, ...aac, language: 'eng', title: 'The "director"' },
  ],
};

/** Of a tone, by how often it crosses zero. */
async function pitchOf(key: string): Promise<number> {
  const file = await bench.objects.localFile(key, bench.folder);
  const raw = ['-f', 's16le', '-ac', '1', '-ar', '48000', 'pipe:1'];
  const { stdout } = await execa(
    bench.tools.ffmpeg,
    ['-v', 'error', '-ss', '0.5', '-t', '1', '-i', file, ...raw],
    {
      encoding: 'buffer',
    },
  );
  const samples = new Int16Array(stdout.buffer, stdout.byteOffset, Math.floor(stdout.length / 2));
  let crossings = 0;
  for (const [index, sample] of samples.entries())
    if ((samples[index + 1] ?? sample) >= 0 !== sample >= 0) crossings += 1;
  return crossings / 2 / (samples.length / 48_000);
}

test.serial(
  'every track is encoded once, by its own pitch, and is an alternate rendition of HLS',
  async (t) => {
    const { encoded, packaged, encodeAttempt, verifySpec } = await processFile(bench, await made, sounds);
    t.is(encodeAttempt.commands.filter((command) => command.includes('tee')).length, 1, 'one run of ffmpeg');
    const files = [encoded.audio, ...(encoded.audio_alternates ?? [])];
    const pitches = await Promise.all(files.map((file) => pitchOf(file?.object.key ?? '')));
    for (const [index, pitch] of [300, 1200, 600].entries())
      t.true(Math.abs((pitches[index] ?? 0) - pitch) < 20, `${pitches[index]} Hz, expected ${pitch}`);
    t.true(Math.abs((await pitchOf(encoded.renditions[0]!.object.key)) - 300) < 20, 'MP4s carry the default');

    const master = await text((await bench.objects.get(packaged.prefix + packaged.master)).body);
    const media = master.split('\n').filter((line) => line.includes('TYPE=AUDIO'));
    t.deepEqual(
      media.map((line) => line.replace('#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",', '')),
      [
        'NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="1",URI="audio/playlist.m3u8"',
        'NAME="German",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="1",URI="audio-de/playlist.m3u8"',
        `NAME="English (The 'director')",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=NO,CHANNELS="1",URI="audio-en-2/playlist.m3u8"`,
      ],
    );
    t.regex(master, /#EXT-X-STREAM-INF:.*AUDIO="audio"/);
    t.deepEqual(
      packaged.audio_alternates?.map(({ name }) => name),
      ['audio-de', 'audio-en-2'],
    );

    const { checks } = await verify(verifySpec, await bench.attempt());
    for (const name of ['audio', 'audio-de', 'audio-en-2', 'hls/audio-de/playlist.m3u8'])
      t.true(
        checks.some(({ output }) => output === name),
        name,
      );
  },
);

test.serial(
  'the gate holds each track against its own stream, and the package against all of them',
  async (t) => {
    const { verifySpec } = await processFile(bench, await made, sounds);
    const [german, comment] = verifySpec.audio_alternates ?? [];
    if (!german || !comment) throw new Error('There are no alternates');
    // Of 2 s, said to be the one of 3 s.
    const mistaken = { ...verifySpec, audio_alternates: [german, { ...comment, stream_index: 2 }] };
    await t.throwsAsync(verify(mistaken, await bench.attempt()), { message: /audio-en-2.*duration/ });
    const lacking = { ...verifySpec, audio_alternates: [german] };
    await t.throwsAsync(verify(lacking, await bench.attempt()), {
      message: /hls.*audio group.*3 audio.*expected 2/,
    });
  },
);

test.serial('of sound alone, several tracks are alternates too', async (t) => {
  const { source, media } = await processFile(bench, await made, sounds);
  const encoded = await encode(
    { kind: 'encode', source, media, renditions: [], gop_s: 2, ...sounds },
    await bench.attempt(),
  );
  const { audio, audio_alternates } = encoded;
  if (!audio || !audio_alternates) throw new Error('A track is missing');
  const packaged = await packageTask(
    { kind: 'package', renditions: [], audio, audio_alternates, segment_s: 2 },
    await bench.attempt(),
  );
  const master = await text((await bench.objects.get(packaged.prefix + packaged.master)).body);
  t.regex(master, /#EXT-X-STREAM-INF:.*AUDIO="audio".*\naudio\/playlist\.m3u8/);
  t.is(master.match(/TYPE=AUDIO/g)?.length, 3);
  const { prefix, master: name } = packaged;
  const { checks } = await verify(
    {
      ...{ kind: 'verify', source, media, renditions: [], hls: { prefix, master: name } },
      audio: { ...audio, stream_index: 1 },
      audio_alternates: audio_alternates.map((track, index) => ({ ...track, stream_index: index + 2 })),
    },
    await bench.attempt(),
  );
  t.true(checks.every(({ passed }) => passed));
});
