import type { Rendition } from '@transcodeflow/shared/contracts/rendition.ts';
import test from 'ava';
import { softwareEncoder } from './software-encoder.ts';
import { encoderOptions } from './video-encoder.ts';

const rendition = (codec: Rendition['codec'], preset = 'fast'): Rendition => ({
  name: '360p',
  width: 640,
  height: 360,
  codec,
  crf: 30,
  preset,
  max_bitrate: 1_000_000,
});
const options = (codec: Rendition['codec'], encoders: string[], preset?: string) =>
  encoderOptions(rendition(codec, preset), 1, {
    device: undefined,
    frameRate: 25,
    encoders: new Set(encoders),
  }).join(' ');

test('HEVC: closed GOPs, IDR keyframes, tagged hvc1', (t) => {
  t.is(
    options('hevc', ['libx265']),
    '-c:v:1 libx265 -preset:v:1 fast -crf:v:1 30 -maxrate:v:1 1000000 -bufsize:v:1 2000000 -forced-idr:v:1 1 ' +
      '-x265-params:v:1 log-level=error:open-gop=0:scenecut=0 -profile:v:1 main -tag:v:1 hvc1',
  );
});

test('AV1: SVT-AV1 where the ffmpeg has it, else libaom, each with its own names for speeds', (t) => {
  t.regex(
    options('av1', ['libsvtav1', 'libaom-av1']),
    /^-c:v:1 libsvtav1 -preset:v:1 8 -crf:v:1 30 -maxrate/,
  );
  t.regex(options('av1', ['libsvtav1'], 'slow'), /-preset:v:1 4/);
  t.is(
    options('av1', ['libaom-av1']),
    '-c:v:1 libaom-av1 -cpu-used:v:1 6 -crf:v:1 30 -b:v:1 1000000 -row-mt:v:1 1',
  );
});

const SPEEDS = ['ultrafast', 'veryfast', 'faster', 'fast', 'medium', 'slow'];
for (const [kind, names] of Object.entries({
  cuda: ['p1', 'p3', 'p4', 'p5', 'p6', 'p7'],
  qsv: ['veryfast', 'faster', 'fast', 'medium', 'slow', 'slower'],
}))
  test(`${kind}: presets by the device's own names, for every codec`, (t) => {
    const device = { kind: kind as 'cuda' | 'qsv', decode: true, encode: true };
    for (const codec of ['h264', 'hevc', 'av1'] as const) {
      const found = [...SPEEDS, 'one of a later version'].map((preset) => {
        const args = encoderOptions(rendition(codec, preset), 0, {
          ...{ device, frameRate: 25, encoders: undefined },
        });
        return args[args.indexOf('-preset:v:0') + 1];
      });
      t.deepEqual(found, [...names, names[3]]);
    }
  });

test('VAAPI gets no preset: what its levels do is each driver’s own', (t) => {
  const device = { kind: 'vaapi' as const, decode: true, encode: true };
  const of = (preset: string) =>
    encoderOptions(rendition('h264', preset), 0, { device, frameRate: 25, encoders: undefined });
  t.deepEqual(of('slow'), of('fast'));
});

test('an ffmpeg without an encoder of the codec has none', (t) => {
  t.is(softwareEncoder('hevc', new Set(['libx264'])), undefined);
  t.is(softwareEncoder('av1', new Set(['libx264', 'libaom-av1'])), 'libaom-av1');
  t.is(softwareEncoder('h264', undefined), 'libx264');
});
