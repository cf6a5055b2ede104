import test from 'ava';
import { picture, tone } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { encode } from '../encode/encode.ts';
import { inspect } from '../inspect/inspect.ts';
import { packageTask } from '../package/package.ts';
import { verify } from '../verify/verify.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

// biome-ignore format: a table
const sources: Record<string, string[]> = {
  'sound.mp3': ['-c:a', 'libmp3lame'],
  'sound.m4a': ['-c:a', 'aac'],
  'sound.wav': ['-c:a', 'pcm_s16le'],
  'sound.ogg': ['-c:a', 'libvorbis'],
  'sound.flac': ['-c:a', 'flac'],
  'sound.aac': ['-c:a', 'aac'],
};

/** As `audio-only` plans it. */
async function pack(path: string) {
  const source = await bench.upload(path);
  const spec = { kind: 'inspect', needs: 'audio', source, filename: 'any' } as const;
  const { media } = await inspect(spec, await bench.attempt());
  const [stream] = media.audio;
  if (!stream) throw new Error('Inspection found no sound');
  const sound = { stream_index: stream.index, codec: 'aac' as const, bitrate: 64_000, channels: 1 };
  const encoded = await encode(
    { kind: 'encode', source, media, renditions: [], audio: sound, gop_s: 2 },
    await bench.attempt(),
  );
  const { audio } = encoded;
  if (!audio) throw new Error('Nothing was encoded');
  const { prefix, master } = await packageTask(
    { kind: 'package', renditions: [], audio, segment_s: 2 },
    await bench.attempt(),
  );
  const hls = { prefix, master };
  const passed = await verify(
    { kind: 'verify', source, media, renditions: [], audio, hls },
    await bench.attempt(),
  );
  return { media, audio, passed };
}

for (const [name, codec] of Object.entries(sources))
  test.serial(`${name} becomes a package that passes the gate`, async (t) => {
    const { media, audio, passed } = await pack(await bench.make(name, ...tone(3), ...codec));
    t.is(media.video, undefined);
    t.true(Math.abs(media.duration_s - 3) < 0.1, String(media.duration_s));
    t.true(Math.abs(audio.duration_s - 3) < 0.1, String(audio.duration_s));
    t.true(passed.checks.every((check) => check.passed));
    t.true(passed.checks.some(({ output }) => output === 'hls/audio/playlist.m3u8'));
  });

test.serial('cover art is left out, and so are pictures that cannot be decoded', async (t) => {
  const cover = await bench.make('cover.jpg', ...picture('64x64'), '-frames:v', '1');
  const art = ['-i', cover, '-map', '0', '-map', '1', '-c:v', 'copy', '-disposition:v', 'attached_pic'];
  const { media, passed } = await pack(await bench.make('cover.mp3', ...tone(2), ...art));
  t.is(media.video, undefined);
  t.regex(media.ignored.join(), /attached picture/);
  t.true(passed.checks.every((check) => check.passed));
});
