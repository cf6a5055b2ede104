import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { createApi } from '../systems/api.ts';
import { findSchemathesis } from '../systems/schemathesis.ts';
import { openWorld } from './refusals/world.ts';

const SECONDS = Number(process.env.FUZZ_SECONDS || 120);
const SEED = process.env.FUZZ_SEED || '1';
const FOLDER = fileURLToPath(new URL('fuzz/', import.meta.url));

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'missing_required_header',
  'unsupported_method',
  'allow_header_conformance',
  'gone_when_deleted',
  'ignored_auth',
];

test('requests made from the OpenAPI document: no 5xx, and every answer is valid against it', async (t) => {
  let program: string;
  try {
    program = await findSchemathesis();
  } catch (error) {
    // A newcomer's machine may have no Python; CI must have it.
    if (process.env.CI) throw error;
    t.log(`not run: ${error instanceof Error ? error.message : error}`);
    t.pass();
    return;
  }
  const world = await openWorld();
  t.teardown(() => world.close());
  const { system, ids } = world;
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-fuzz-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const owner = createApi({ ...system, apiKey: world.keys.owner });
  const { body: playback } = await owner.call('GET', `/api/jobs/${ids.job}/playback`);
  const known = {
    '/api/jobs/{id}': ids.job,
    '/api/uploads/{id}': ids.upload,
    '/api/webhooks/{id}': ids.webhook,
    '/api/webhooks/deliveries/{id}': ids.delivery,
    '/api/keys/{id}': ids.key,
    '/play/{token}': new URL(playback.hls_url, system.queryUrl).pathname.split('/')[2],
    '/api/jobs/{path}': '360p.mp4',
    '/play/{path}': 'hls/master.m3u8',
  };
  const options = [
    ...['--url', system.commandUrl, '--header', `X-API-Key: ${world.keys.owner}`],
    ...['--checks', CHECKS.join(','), '--continue-on-failure', '--workers', '2'],
    ...['--max-time', String(SECONDS), '--request-timeout', '30', '--seed', SEED, '--no-color'],
    ...['--suppress-health-check', 'all', '--output-truncate', 'true'],
  ];
  const child = spawn(
    program,
    ['--config-file', `${FOLDER}schemathesis.toml`, 'run', `${system.queryUrl}/openapi.json`, ...options],
    {
      cwd: folder,
      env: {
        ...process.env,
        KNOWN: JSON.stringify(known),
        PYTHONPATH: FOLDER,
        PYTHONDONTWRITEBYTECODE: '1',
        SCHEMATHESIS_HOOKS: 'hooks',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [output, complaints, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  // The failures, each with the request that shows it, come before pages of warnings.
  const [failures = output] = output.split(/=+ WARNINGS =+/);
  t.log(output.slice(output.search(/=+ SUMMARY =+/)));
  t.is(code, 0, `${failures.slice(-12_000)}\n${complaints}`);
  t.is((await fetch(`${system.queryUrl}/readyz`)).status, 200, 'it still works');
  t.is((await owner.call('GET', '/api/jobs')).status, 200, 'the key was good to the end');
});
