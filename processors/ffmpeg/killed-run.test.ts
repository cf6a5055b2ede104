import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { TaskError } from '../task-error.ts';
import { pipeFfmpeg } from './pipe-ffmpeg.ts';
import { runFfmpeg } from './run-ffmpeg.ts';
import { scriptedTools } from './testing/scripted-tools.ts';

const folder = await mkdtemp(join(tmpdir(), 'killed-run-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

// Serial tests: a script that is still being written as another test forks cannot be started (ETXTBSY).
const signal = AbortSignal.timeout(100_000);

/** An ffmpeg that complains and is then sent a signal. */
const endedBy = (name: string) =>
  scriptedTools(folder, name, `#!/bin/sh\necho complaint >&2\nkill -${name} $$\n`);

for (const name of ['KILL', 'TERM']) {
  const says = new RegExp(`^complaint\\nended by SIG${name}, .*PROCESSOR_SLOTS.*\\n\\nffmpeg -nostdin`);

  test.serial(
    `a run ended by SIG${name} that we did not send has failed for now, with what to do about it`,
    async (t) => {
      const run = runFfmpeg(await endedBy(name), [], { signal, cwd: folder });
      const error = await t.throwsAsync(run, { instanceOf: TaskError });
      t.like(error?.info, { code: 'ffmpeg_killed', retryable: true });
      t.regex(error?.info.detail ?? '', says);
    },
  );

  test.serial(`and so has a piped one: SIG${name}`, async (t) => {
    const { ended } = pipeFfmpeg(await endedBy(name), [], { signal });
    const error = await t.throwsAsync(ended, { instanceOf: TaskError });
    t.like(error?.info, { code: 'ffmpeg_killed', retryable: true });
    t.regex(error?.info.detail ?? '', says);
  });
}

test.serial(
  'a run that caught a signal is one that was ended; what it may not do is a failure',
  async (t) => {
    const codeOf = async (words: string) => {
      const script = `#!/bin/sh\necho '${words}' >&2\nexit 255\n`;
      const tools = await scriptedTools(folder, `caught-${words.length}`, script);
      const run = runFfmpeg(tools, [], { signal, cwd: folder });
      return (await t.throwsAsync(run, { instanceOf: TaskError }))?.info.code;
    };
    t.is(await codeOf('complaint'), 'ffmpeg_killed');
    t.is(await codeOf('Error opening output files: Operation not permitted'), 'ffmpeg_failed');
  },
);

test.serial('a run that crashes has failed at the file', async (t) => {
  const tools = await endedBy('SEGV');
  const error = await t.throwsAsync(runFfmpeg(tools, [], { signal, cwd: folder }), { instanceOf: TaskError });
  t.is(error?.info.code, 'ffmpeg_failed');
  t.true((await pipeFfmpeg(tools, [], { signal }).ended).failed);
});

test.serial('a run that we end for its log says what was in the log', async (t) => {
  const script = '#!/bin/sh\necho no way >&2\nexec sleep 60\n';
  const run = runFfmpeg(await scriptedTools(folder, 'hopeless', script), [], {
    signal,
    cwd: folder,
    hopeless: /no way/,
  });
  t.is((await t.throwsAsync(run, { instanceOf: TaskError }))?.info.code, 'ffmpeg_failed');
});
