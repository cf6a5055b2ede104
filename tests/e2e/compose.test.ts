import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { createApi } from '../systems/api.ts';
import { checkFullPackage } from './scenarios/outputs.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SAMPLE = `${ROOT}samples/bunny-with-reading.mp4`;

test('docker compose brings up the whole system behind one port', async (t) => {
  const apiKey = randomBytes(24).toString('hex');
  const project = `transcodeflow-test-${randomBytes(4).toString('hex')}`;
  // Port 0 lets Docker take a free one.
  const secretKey = randomBytes(32).toString('hex');
  const env = { ...process.env, BOOTSTRAP_API_KEY: apiKey, SECRET_KEY: secretKey, PORT: '0' };
  const compose = async (...args: string[]) => {
    const run = promisify(execFile)('docker', ['compose', '-p', project, ...args], {
      cwd: ROOT,
      env,
      maxBuffer: 1 << 26,
    });
    return (await run).stdout.trim();
  };
  t.teardown(() => compose('down', '--volumes', '--timeout', '5'));
  try {
    await compose('up', '--detach', '--build', '--wait');
  } catch (error) {
    t.log(await compose('logs', '--tail', '40'));
    throw error;
  }
  const address = await compose('port', 'gateway', '8080');
  const url = `http://127.0.0.1:${address.split(':').at(-1)}`;
  const api = createApi({ commandUrl: url, queryUrl: url, apiKey });
  t.is((await fetch(`${url}/readyz`)).status, 200);
  const { status, body } = await api.upload(SAMPLE);
  t.is(status, 200, JSON.stringify(body));
  const text = await checkFullPackage(t, api, await api.finished(body.job_id));
  t.regex(text ?? '', /John Dashwood/);
});
