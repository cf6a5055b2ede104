import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import test from 'ava';
import { formatManifest } from '../../ffmpeg/dash-manifest.ts';
import { verifyDash } from './dash.ts';
import { Gate } from './gate.ts';

let folder: string;
let objects: ObjectStore;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transcodeflow-dash-'));
  objects = await openDirectoryStore(folder);
});
test.after.always(() => rm(folder, { recursive: true, force: true }));
let manifests = 0;

/** What the gate finds wrong with the manifest of two segments of 2 s whose first sample is shown `start_s` late. */
async function found(start_s: number, change = (manifest: string) => manifest): Promise<string> {
  const manifest = formatManifest({
    videos: [
      {
        ...{ id: '360p', codecs: 'avc1.64001e', bandwidth: 1, width: 640, height: 360 },
        ...{ timescale: 1000, start: start_s * 1000, ticks: [2000, 2000] },
      },
    ],
    sounds: [],
    texts: [],
  });
  manifests += 1;
  const name = `${manifests}.mpd`;
  await objects.put(name, Readable.from([change(manifest)]));
  const segments = [1, 2].map((number) => ({ uri: `segment-0000${number}.m4s`, duration_s: 2 }));
  const playlist = { init: 'init.mp4', segments, target_s: 2, ended: true, first_s: start_s };
  const gate = new Gate();
  const { signal } = new AbortController();
  await verifyDash('', name, new Map([['360p', playlist]]), gate, { objects, signal });
  return gate.checks
    .filter(({ passed }) => !passed)
    .map(({ output, check, detail }) => `${output}: ${check}: ${detail}`)
    .join('\n');
}

for (const start_s of [0, 0.003, 0.1, 0.101, 0.5])
  test(`a manifest of media that begin at ${start_s} s`, async (t) => {
    t.is(await found(start_s), '');
  });

test('a manifest whose first segment does not reach back, as an earlier version wrote it', async (t) => {
  t.is(
    await found(0.05, (manifest) =>
      manifest.replace('<S t="0" d="2050"/><S d="2000"/>', '<S t="50" d="2000" r="1"/>'),
    ),
    '',
  );
});

const refusals: readonly [string, number, (manifest: string) => string, RegExp][] = [
  [
    'a first segment that reaches back further than a tenth of a second',
    0.2,
    (manifest) => manifest.replace('<S t="200" d="2000" r="1"/>', '<S t="0" d="2200"/><S d="2000"/>'),
    /^dash\/360p: start: 0\.000 s, its first sample is shown at 0\.200 s\n.*segment-00001\.m4s lasts 2\.200 s/,
  ],
  [
    'a first segment that is longer than its samples are late',
    0.05,
    (manifest) => manifest.replace('d="2050"', 'd="2090"').replace('PT4.050', 'PT4.090'),
    /^dash\/360p: segments: 360p\/segment-00001\.m4s lasts 2\.090 s/,
  ],
  [
    'a first segment that is longer than it is, from the beginning on',
    0,
    (manifest) =>
      manifest
        .replace('<S t="0" d="2000" r="1"/>', '<S t="0" d="2050"/><S d="2000"/>')
        .replace('PT4.000', 'PT4.050'),
    /^dash\/360p: segments: 360p\/segment-00001\.m4s lasts 2\.050 s/,
  ],
  [
    'media said to begin later than they do',
    0.5,
    (manifest) => manifest.replace('t="500"', 't="520"').replace('PT4.500', 'PT4.520'),
    /^dash\/360p: start: 0\.520 s, its first sample is shown at 0\.500 s$/,
  ],
  [
    'media said to begin at nothing',
    0.5,
    (manifest) => manifest.replace(' t="500"', ''),
    /^dash\/360p: start: NaN s/,
  ],
];
for (const [what, start_s, change, complaint] of refusals)
  test(`I10: the gate refuses ${what}`, async (t) => {
    t.regex(await found(start_s, change), complaint);
  });
