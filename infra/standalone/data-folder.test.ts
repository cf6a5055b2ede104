import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import test, { type ExecutionContext } from 'ava';
import { bootstrapKey } from './bootstrap-key.ts';
import { runningServer, writeServerFile } from './server-file.ts';

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'transcodeflow-data-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('the first key is made once, kept for its owner alone, and found again', async (t) => {
  const data = await folder(t);
  const made = await bootstrapKey(data);
  t.true(made.isNew);
  t.regex(made.key, /^tf_[\w-]{43}$/);
  t.is((await stat(made.file ?? '')).mode & 0o777, 0o600);
  t.deepEqual(await bootstrapKey(data), { ...made, isNew: false });
  t.deepEqual(await bootstrapKey(data, 'the-configured-key'), { key: 'the-configured-key', isNew: false });
  t.is((await readFile(made.file ?? '', 'utf8')).trim(), made.key);
});

test('an empty key file is no key', async (t) => {
  const data = await folder(t);
  await writeFile(join(data, 'bootstrap-api-key'), '\n');
  t.true((await bootstrapKey(data)).isNew);
});

test('a data folder that cannot be read is an error', async (t) => {
  await t.throwsAsync(bootstrapKey('/dev/null/nothing'), { code: 'ENOTDIR' });
});

test('a running server is found by its note; a note without one is not believed', async (t) => {
  const data = await folder(t);
  t.is(await runningServer(data), undefined);
  const server = await listen((_, response) => response.end('{"status":"ok"}'), 0, '127.0.0.1');
  const remove = await writeServerFile(data, server.url);
  t.is(await runningServer(data), server.url);
  await server.close();
  t.is(await runningServer(data), undefined);
  await remove();
  await remove();
  t.is(await runningServer(data), undefined);
});

test('a note that was cut off by a crash is no server', async (t) => {
  const data = await folder(t);
  for (const text of ['', '{"url":', '{}', '{"url":"nonsense","pid":1}']) {
    await writeFile(join(data, 'server.json'), text);
    t.is(await runningServer(data), undefined, text);
  }
});
