import test from 'ava';
import { encodeSpec } from '../../ffmpeg/testing/encode-spec.ts';
import { picture, tone, x264 } from '../../ffmpeg/testing/sources.ts';
import { openTaskBench } from '../../ffmpeg/testing/task-bench.ts';
import { encode } from '../encode/encode.ts';
import { inspect } from '../inspect/inspect.ts';
import { packageTask } from '../package/package.ts';
import { verify } from '../verify/verify.ts';

const bench = await openTaskBench();
test.after.always(() => bench.close());

const CODECS = { libx265: 'hevc', libsvtav1: 'av1', 'libaom-av1': 'av1' } as const;

for (const [encoder, codec] of Object.entries(CODECS))
  test.serial(
    `${encoder}: encoded, cut into HLS and through the gate, at 29.97 pictures a second`,
    async (t) => {
      if (!bench.tools.encoders.has(encoder)) return t.pass(`This ffmpeg has no ${encoder}`);
      const source = await bench.upload(
        await bench.make(
          `${encoder}.mp4`,
          ...picture('320x180', ':rate=30000/1001:duration=9'),
          ...tone(9),
          ...x264,
        ),
      );
      const { media } = await inspect({ kind: 'inspect', source, filename: 'any' }, await bench.attempt());
      const attempt = await bench.attempt();
      attempt.tools = { ...bench.tools, threads: 2, encoders: new Set(['libx264', 'aac', 'mjpeg', encoder]) };
      const { renditions: rungs, ...spec } = encodeSpec(source, media);
      const encoded = await encode(
        { ...spec, renditions: rungs.map((rung) => ({ ...rung, codec })) },
        attempt,
      );
      t.true(attempt.commands.some((command) => command.includes(encoder)));
      const renditions = encoded.renditions.map(({ name, object, width, height }) => ({
        name,
        object,
        width,
        height,
      }));
      const { audio } = encoded;
      const packaged = await packageTask(
        { kind: 'package', renditions, segment_s: 4, ...(audio && { audio: { object: audio.object } }) },
        await bench.attempt(),
      );
      t.is(packaged.variants[0]?.segments_count, 3);
      const { prefix, master } = packaged;
      const checked = {
        kind: 'verify' as const,
        source,
        media,
        hls: { prefix, master },
        ...(audio && { audio: { object: audio.object } }),
      };
      const right = renditions.map((rendition) => ({ ...rendition, codec }));
      const { quality } = await verify({ ...checked, renditions: right }, await bench.attempt());
      t.true((quality[renditions[0]?.name ?? '']?.ssim ?? 0) > 0.9, JSON.stringify(quality));
      const gate = await t.throwsAsync(async () => verify({ ...checked, renditions }, await bench.attempt()));
      t.regex(gate?.message ?? '', new RegExp(`streams, video:${codec} audio:aac, expected video:h264`));
    },
  );
