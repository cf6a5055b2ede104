import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';

const modules = {
  run: new URL('./run-service.ts', import.meta.url).href,
  read: new URL('./read-environment.ts', import.meta.url).href,
  settings: new URL('./settings.ts', import.meta.url).href,
};

/** Runs a service of its own and hands back what it said. */
function service(start: string, env: Record<string, string> = {}) {
  const code = `
    import { runService } from '${modules.run}';
    import { readEnvironment } from '${modules.read}';
    import { databaseSettings } from '${modules.settings}';
    await runService('example', async (log) => { ${start} });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }));
  return { child, ended };
}

const running = `const timer = setInterval(() => {}, 1_000); process.stdout.write('ready\\n'); return { close: async () => { process.stdout.write('closed\\n'); clearInterval(timer); } };`;

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  test(`${signal} closes the service cleanly`, async (t) => {
    const { child, ended } = service(running);
    await once(child.stdout, 'data');
    child.kill(signal);
    const { code, out } = await ended;
    t.is(code, 0);
    t.is(out, 'ready\nclosed\n');
  });

test('a second signal ends the process at once', async (t) => {
  const { child, ended } = service(
    `setInterval(() => {}, 1_000); process.stdout.write('ready\\n'); return { close: () => { process.stdout.write('closing\\n'); return new Promise(() => {}); } };`,
  );
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  t.is((await ended).code, 130);
});

test('a wrong configuration is told in plain words, with exit code 78 and no stack', async (t) => {
  const { code, err } = await service(`readEnvironment(databaseSettings); return { close: async () => {} };`)
    .ended;
  t.is(code, 78);
  t.regex(err, /DATABASE_URL is not set/);
  t.notRegex(err, /at .*\.ts/);
});

test('a service that cannot start says why and exits with 1', async (t) => {
  const { code, err } = await service(`throw new Error('the port is taken');`).ended;
  t.is(code, 1);
  t.regex(err, /example could not go on: Error: the port is taken/);
});
