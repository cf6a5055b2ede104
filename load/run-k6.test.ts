import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { runK6 } from './run-k6.ts';

const main = join(import.meta.dirname, 'main.ts');
const run = promisify(execFile);

test('sends no load to another machine', async (t) => {
  for (const url of [
    'http://example.com',
    'http://10.0.0.1:8080',
    'http://127.0.0.1.example.com',
    'nonsense',
  ])
    await t.throwsAsync(
      runK6({ url, apiKey: 'k', durationS: 1, vus: 1 }),
      { message: /this machine only/ },
      url,
    );
});

test('says in one line why it did not run where there is no k6', async (t) => {
  const empty = await mkdtemp(join(tmpdir(), 'no-k6-'));
  t.teardown(() => rm(empty, { recursive: true }));
  const env = { PATH: empty, XDG_CACHE_HOME: empty, API_KEY: 'k' };
  const error = await t.throwsAsync<Error & { code?: number; stdout?: string }>(
    run(process.execPath, [main], { env }),
  );
  t.is(error.code, 1);
  t.regex(error.stdout ?? '', /^No load was run: there is no k6 on PATH .* no Go to build it\.\n$/);
});

test('does not pass over a system that answers wrongly', async (t) => {
  // Accepts everything, and claims of every job that it has failed.
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const body = {
        job_id: 'one',
        status: request.method === 'POST' ? 'queued' : 'failed',
        jobs: [],
        total_jobs: 1,
      };
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const result = await runK6({ url, apiKey: 'k', durationS: 2, vus: 2, build: false });

  // That k6 is missing is for the smoke run to report.
  if (!result.ran) {
    t.pass(result.summary);
    return;
  }
  t.false(result.passed, result.summary);
  const wrong = Number(/answers checked, (\d+) wrong/.exec(result.summary)?.[1]);
  t.true(wrong > 0, result.summary);
  t.regex(result.summary, /thresholds not met/);
});
