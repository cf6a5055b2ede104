import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { isRecent } from './describe-tools.ts';
import { findMediaTools } from './find-media-tools.ts';

const found = await findMediaTools();
const folder = await mkdtemp(join(tmpdir(), 'find-media-tools-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

test('what was found can do what is needed', (t) => {
  t.true(found.encoders.has('libx264'));
  t.true(found.filters.has('thumbnail'));
  t.true(found.muxers.has('tee'));
  t.not(found.version, 'unknown');
});

test('FFMPEG_PATH comes first', async (t) => {
  const tools = await findMediaTools({ PATH: '', FFMPEG_PATH: found.ffmpeg, FFPROBE_PATH: found.ffprobe });
  t.is(tools.origin, 'FFMPEG_PATH');
});

test('an FFMPEG_PATH that cannot be used is an error that says why, never passed over', async (t) => {
  const error = await t.throwsAsync(findMediaTools({ PATH: '', FFMPEG_PATH: join(folder, 'nowhere') }));
  t.regex(error?.message ?? '', /FFMPEG_PATH=.*nowhere.*cannot be used: .*ENOENT/);
});

test('one on PATH that is too old is passed over', async (t) => {
  const old = (name: string) => `#!/bin/sh\necho "${name} version 4.4.2 Copyright"\n`;
  await writeFile(join(folder, 'ffmpeg'), old('ffmpeg'), { mode: 0o755 });
  await writeFile(join(folder, 'ffprobe'), old('ffprobe'), { mode: 0o755 });
  const outcome = await findMediaTools({ PATH: folder }).then(
    ({ origin }) => origin,
    (error: Error) => error.message,
  );
  t.regex(outcome, /^npm package$|PATH: ffmpeg 4\.4\.2 is older than 5\.1/);
});

test('versions', (t) => {
  for (const version of ['5.1', 'n7.0-7-gd38bf5e08e', '6.1.1-static', 'N-66595-gc2b38619c0', '8.0'])
    t.true(isRecent(version), version);
  for (const version of ['4.4.2', '5.0.3', 'n4.0']) t.false(isRecent(version), version);
});
