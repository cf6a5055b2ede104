import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { TaskError } from '../task-error.ts';
import { runFfmpeg } from './run-ffmpeg.ts';
import { scriptedTools } from './testing/scripted-tools.ts';

const folder = await mkdtemp(join(tmpdir(), 'stall-watch-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const stall_ms = 1500;

/** Runs a scripted ffmpeg. `every` runs ten times a second, `times` times; it may call `report(frame)`. */
async function run(name: string, every: string, times: number, changes: { signal?: AbortSignal } = {}) {
  const script = `#!${process.execPath}
const { readFileSync, writeSync } = require('node:fs');
const report = (frame) => writeSync(3, 'frame=' + frame + '\\nprogress=continue\\n');
let turn = 0;
const timer = setInterval(() => {
  turn += 1;
  if (turn > ${times}) return clearInterval(timer);
  ${every}
}, 100);
`;
  const tools = await scriptedTools(folder, name, script);
  return runFfmpeg(tools, [], { signal: AbortSignal.timeout(100_000), cwd: folder, stall_ms, ...changes });
}

// Longer than the limit, and a quarter: a watch that does not see the signs would end it.
const LONG = 30;
const FOR_EVER = 1e9;

for (const [what, every] of [
  ['is silent', ''],
  ['reports the same again and again', 'report(7);'],
] as const) {
  test(`an ffmpeg that ${what} is ended, for another attempt`, async (t) => {
    const error = await t.throwsAsync(run(what.replaceAll(' ', '-'), every, FOR_EVER), {
      instanceOf: TaskError,
    });
    t.is(error?.info.code, 'ffmpeg_stalled');
    t.true(error?.info.retryable);
    t.regex(error?.info.detail ?? '', /no sign of life for 1\.5 s/);
  });
}

for (const [sign, every] of [
  ['reports that rise', 'report(turn);'],
  ['words in its log', "process.stderr.write('still here\\n');"],
  ['what it writes', "process.stdout.write('0\\n');"],
] as const) {
  test(`an ffmpeg lives by ${sign}`, async (t) => {
    await t.notThrowsAsync(run(sign.replaceAll(' ', '-'), every, LONG));
  });
}

// Only Linux counts what a process reads.
(process.platform === 'linux' ? test : test.skip)('an ffmpeg lives by what it reads', async (t) => {
  await t.notThrowsAsync(run('reads', 'readFileSync(__filename);', LONG));
});

test('a cancel during a standstill is a cancel', async (t) => {
  const controller = new AbortController();
  const settled = t.throwsAsync(run('cancelled', '', FOR_EVER, { signal: controller.signal }), {
    message: 'cancelled',
  });
  controller.abort(new Error('cancelled'));
  await settled;
});
