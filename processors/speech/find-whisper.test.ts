import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '@transcodeflow/shared/config/read-environment.ts';
import anyTest, { type TestFn } from 'ava';
import { findWhisper } from './find-whisper.ts';
import { writeModel, writeProgram } from './testing/play-whisper.ts';

const test = anyTest as TestFn<string>;
test.beforeEach(async (t) => {
  t.context = await mkdtemp(join(tmpdir(), 'whisper-'));
});
test.afterEach.always((t) => rm(t.context, { recursive: true, force: true }));

test('nothing set, nothing found', async (t) => {
  t.is(await findWhisper(undefined, undefined), undefined);
});

test('a program and a model, named after its file', async (t) => {
  const path = await writeProgram(t.context);
  const model = await writeModel(t.context, 'ggml-large-v3-turbo-q5_0.bin', 51_866);
  const name = 'whisper-large-v3-turbo-q5_0';
  t.deepEqual(await findWhisper(path, model), { path, model, name, multilingual: true });
});

test('a model for English only is told by its tokens', async (t) => {
  const model = await writeModel(t.context, 'ggml-base.en.bin', 51_864);
  const found = await findWhisper(await writeProgram(t.context), model);
  t.is(found?.multilingual, false);
  t.is(found?.name, 'whisper-base.en');
});

test('what cannot be used is refused with the setting and the reason', async (t) => {
  const path = await writeProgram(t.context);
  const model = await writeModel(t.context);
  const other = join(t.context, 'other');
  await writeFile(other, '#!/bin/sh\necho hello\n', { mode: 0o755 });
  const gone = join(t.context, 'gone');
  const refusal = async (...settings: Parameters<typeof findWhisper>) =>
    (await t.throwsAsync(findWhisper(...settings), { instanceOf: ConfigurationError }))?.message ?? '';
  t.regex(await refusal(path, undefined), /^WHISPER_PATH is set and WHISPER_MODEL is not/);
  t.regex(await refusal(undefined, model), /^WHISPER_MODEL is set and WHISPER_PATH is not/);
  t.regex(await refusal(gone, model), /^WHISPER_PATH=.*gone cannot be read \(ENOENT\)/);
  t.regex(await refusal(model, model), /^WHISPER_PATH=.* is not an executable file/);
  t.regex(await refusal(t.context, model), /^WHISPER_PATH=.* is not an executable file/);
  t.regex(await refusal(other, model), /^WHISPER_PATH=.* is not the whisper-cli program/);
  t.regex(await refusal(path, gone), /^WHISPER_MODEL=.*gone cannot be read \(ENOENT\)/);
  t.regex(await refusal(path, other), /^WHISPER_MODEL=.* is not a ggml model/);
  t.regex(await refusal(path, t.context), /^WHISPER_MODEL=.* cannot be read \(EISDIR\)/);
});
