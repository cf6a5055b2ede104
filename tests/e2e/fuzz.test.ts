import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { startEmbedded } from '../systems/embedded.ts';
import { findSchemathesis } from '../systems/schemathesis.ts';

const SECONDS = Number(process.env.FUZZ_SECONDS || 120);

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
  'use_after_free',
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
  const system = await startEmbedded(undefined, { RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_PER_ADDRESS: '0' });
  t.teardown(() => system.close());
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-fuzz-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const options = [
    ...['--url', system.commandUrl, '--header', `X-API-Key: ${system.apiKey}`],
    ...['--checks', CHECKS.join(','), '--continue-on-failure', '--workers', '2'],
    ...['--max-time', String(SECONDS), '--request-timeout', '30', '--seed', '1', '--no-color'],
    ...['--suppress-health-check', 'all', '--output-truncate', 'true'],
  ];
  const child = spawn(program, ['run', `${system.queryUrl}/openapi.json`, ...options], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, complaints, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  t.log(output.slice(-3_000));
  t.is(code, 0, `${output}\n${complaints}`);
  t.is((await fetch(`${system.queryUrl}/readyz`)).status, 200, 'it still works');
});
