import { available, read, run, SAMPLE, Segments, test } from './testing/transcribe-bench.ts';

test.serial('sound that starts later than the picture keeps its place in time', async (t) => {
  const make = ['-itsoffset', '5', '-i', SAMPLE, '-map', '0:v', '-map', '1:a', '-c', 'copy'];
  const result = available(t, await run(t, { make, spec: { stream_index: 1, duration_s: 33 } }));
  const { segments } = Segments.parse(JSON.parse(await read(t.context.objects, result.formats.json.key)));
  t.true(Math.abs((segments[0]?.start ?? 0) - 6.3) <= 0.3, String(segments[0]?.start));
});

/** When the sentences of the sample begin and the last one ends, measured by the level of the sound. */
const SPOKEN_AT: readonly [string, number][] = [
  ['And Mr. John', 1.23],
  ['He was not', 8.75],
  ['Unless', 12.16],
  ['Had he married', 17.86],
  ['He might even', 24.07],
];
const LAST_WORD_ENDS = 27.12;

// Where the film's clock begins, and where silence was put between its sentences.
for (const [what, name, make, duration_s, later] of [
  [
    'a clock that begins at 100 s (MPEG-TS)',
    'source.ts',
    ['-map', '0:v', '-map', '0:a', '-c', 'copy', '-output_ts_offset', '100'],
    28,
    () => 0,
  ],
  [
    'negative time stamps (MP4 with an edit list)',
    'source.mp4',
    ['-ss', '0.7', '-i', SAMPLE, '-map', '1:v', '-map', '1:a', '-c:v', 'copy', '-c:a', 'aac'],
    27.3,
    () => -0.7,
  ],
  [
    'sound that begins 5 s late',
    'source.mkv',
    ['-itsoffset', '5', '-i', SAMPLE, '-map', '0:v', '-map', '1:a', '-c', 'copy'],
    33,
    () => 5,
  ],
  [
    'three seconds of silence put in after 8 s',
    'source.mkv',
    [
      '-filter_complex',
      '[0:a]asplit[x][y];[x]atrim=end=8,apad=pad_dur=3[a];[y]atrim=start=8,asetpts=PTS-STARTPTS[b];[a][b]concat=v=0:a=1[out]',
      '-map',
      '[out]',
    ],
    31,
    (at: number) => (at > 8 ? 3 : 0),
  ],
  [
    'packets of sound that are missing for two seconds',
    'source.mkv',
    ['-map', '0:v', '-map', '0:a', '-c', 'copy', '-bsf:a', 'setts=ts=TS+if(gt(TS*TB\\,8)\\,2/TB\\,0)'],
    30,
    (at: number) => (at > 8 ? 2 : 0),
  ],
] as const)
  test.serial(`words are within 0.3 s of where they are heard: ${what}`, async (t) => {
    const audio = make.some((option) => option === '[out]') ? 0 : 1;
    const result = available(
      t,
      await run(t, { name, make: [...make], spec: { stream_index: audio, duration_s } }),
    );
    const { objects } = t.context;
    const { segments } = Segments.parse(JSON.parse(await read(objects, result.formats.json.key)));
    for (const [words, at] of SPOKEN_AT) {
      const start = segments.find(({ text: said }) => said.startsWith(words))?.start ?? -1;
      t.true(Math.abs(start - at - later(at)) <= 0.3, `${words}: ${start}, expected ${at + later(at)}`);
    }
    const end = segments.at(-1)?.end ?? -1;
    t.true(Math.abs(end - LAST_WORD_ENDS - later(LAST_WORD_ENDS)) <= 0.3, `ends at ${end}`);
    // The same times in all formats.
    const seconds = (time: string) => time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    const [vtt, srt] = [
      await read(objects, result.formats.vtt.key),
      await read(objects, result.formats.srt.key),
    ];
    for (const file of [vtt, srt.replaceAll(/(\d),(\d{3})/g, '$1.$2')]) {
      const times = [...file.matchAll(/(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})/g)];
      t.deepEqual(
        times.map(([, from = '', to = '']) => [seconds(from).toFixed(3), seconds(to).toFixed(3)]),
        segments.map(({ start, end }) => [start.toFixed(3), end.toFixed(3)]),
      );
    }
  });
