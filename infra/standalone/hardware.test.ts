import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findMediaTools } from '@transcodeflow/processors/ffmpeg/find-media-tools.ts';
import type { Step } from '@transcodeflow/processors/ffmpeg/testing/fake-ffmpeg.ts';
import { scenes } from '@transcodeflow/processors/ffmpeg/testing/hardware-scenes.ts';
import { installFakeFfmpeg } from '@transcodeflow/processors/ffmpeg/testing/install-fake-ffmpeg.ts';
import test, { type ExecutionContext } from 'ava';

const tools = await findMediaTools();

/** `pnpm hardware` on an ffmpeg whose NVENC plays a scene; everything else is what this machine has. */
async function hardware(t: ExecutionContext, scene: readonly Step[]) {
  const folder = await mkdtemp(join(tmpdir(), 'hardware-cli-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const fake = await installFakeFfmpeg(folder, tools, '_nvenc', scene);
  const env = {
    FFMPEG_PATH: fake.tools.ffmpeg,
    FFPROBE_PATH: tools.ffprobe,
    XDG_CACHE_HOME: join(folder, 'cache'),
    WORK_DIR: '',
    HARDWARE: '',
    CHUNK_SECONDS: '',
  };
  const script = join(import.meta.dirname, 'hardware.ts');
  const run = (args: readonly string[] = [], more: Record<string, string> = {}) =>
    promisify(execFile)(process.execPath, [script, ...args], { env: { ...process.env, ...env, ...more } });
  return { fake, run };
}

const works: Step[] = [{ do: 'print', text: '0, 0, 0, 1, 3110, 0x1\n' }];

test.serial(
  'the table names what was tried, what works and why not, and the encoder of each codec',
  async (t) => {
    const { run, fake } = await hardware(t, scenes['has no device']);
    const { stdout } = await run();
    t.true(stdout.startsWith(`ffmpeg ${tools.version} (FFMPEG_PATH): ${fake.tools.ffmpeg}\n`));
    t.regex(stdout, /│ cuda\s+│ encode h264\s+│ no\s+│ Cannot load libcuda\.so\.1/);
    t.regex(stdout, /│ av1\s+│ \w*av1\w*/);
  },
);

test.serial('--json says the same to programs', async (t) => {
  const { run } = await hardware(t, works);
  const told = JSON.parse((await run(['--', '--json'])).stdout);
  t.like(told, { mode: 'auto', ffmpeg: { version: tools.version, origin: 'FFMPEG_PATH' } });
  t.like(told.usable[0], { kind: 'cuda', encode: true, codecs: ['h264', 'hevc', 'av1'] });
  t.like(told.chosen.encoders, [
    { codec: 'h264', encoder: 'h264_nvenc' },
    { codec: 'hevc', encoder: 'hevc_nvenc' },
    { codec: 'av1', encoder: 'av1_nvenc' },
  ]);
  const routes = new Map(
    told.chosen.routes.map(({ source, route }: Record<string, string>) => [source, route]),
  );
  t.is(routes.get('h264, rotated'), 'cpu (decode, scale) + cuda (encode)');
});

test.serial('a second call tells of the first one’s trials; --refresh runs them anew', async (t) => {
  const { run, fake } = await hardware(t, works);
  await run();
  const first = (await fake.runs()).length;
  t.true(first > 0);
  t.regex((await run()).stdout, /Tried at \d{4}-.*; --refresh tries anew/);
  t.is((await fake.runs()).length, first);
  t.notRegex((await run(['--refresh'])).stdout, /Tried at/);
  t.is((await fake.runs()).length, 2 * first);
});

test.serial(
  'HARDWARE=off chooses the CPU and still tells what there is; required only warns here',
  async (t) => {
    const { run } = await hardware(t, works);
    const told = JSON.parse((await run(['--json'], { HARDWARE: 'off' })).stdout);
    t.is(told.mode, 'off');
    t.like(told.usable[0], { kind: 'cuda' });
    t.is(told.chosen.encoders[0].encoder, 'libx264');
    const bare = await hardware(t, scenes['has no device']);
    t.regex((await bare.run([], { HARDWARE: 'required' })).stdout, /^HARDWARE=required/m);
  },
);

test.serial(
  'it is said that the CPU encodes chunks, at their length, and what HARDWARE=required does then',
  async (t) => {
    const { run } = await hardware(t, works);
    const { stdout } = await run();
    t.regex(stdout, /^CHUNK_SECONDS=30: .*videos of 90 s or more are encoded in chunks, by the CPU\. With/m);
    t.regex((await run([], { HARDWARE: 'required' })).stdout, /by the CPU; with HARDWARE=required they fail/);
    t.notRegex((await run([], { CHUNK_SECONDS: '0' })).stdout, /chunks/);
    t.notRegex((await run([], { HARDWARE: 'off' })).stdout, /chunks/);
    t.regex(JSON.parse((await run(['--json'])).stdout).chosen.chunks, /CHUNK_SECONDS=0/);
  },
);

test.serial('--help explains; an unknown option and a wrong HARDWARE are errors', async (t) => {
  const { run } = await hardware(t, works);
  t.regex((await run(['--help'])).stdout, /--json[\s\S]*--refresh/);
  await t.throwsAsync(run(['--jsno']), { message: /unknown option/ });
  await t.throwsAsync(run([], { HARDWARE: 'gpu' }), { message: /none of auto, required, off/ });
});
