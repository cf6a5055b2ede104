import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { makeVideo } from '../media/make-video.ts';
import { startEmbedded } from '../systems/embedded.ts';

const TOUR = fileURLToPath(new URL('../../docs/api.md', import.meta.url));
/** Between the outputs of blocks: no output has it. */
const SEPARATOR = '\u001e';

/** The `sh` blocks in order, each with what the block after it says that it prints. */
async function steps(): Promise<{ script: string; expected: string }[]> {
  const text = await readFile(TOUR, 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', body = '']) => ({
    language,
    body,
  }));
  return blocks.flatMap(({ language, body }, index) => {
    const next = blocks[index + 1];
    if (language !== 'sh') return [];
    if (!next || !['json', 'text'].includes(next.language)) throw new Error(`What does this print?\n${body}`);
    return [{ script: body, expected: next.body.trim() }];
  });
}

const asPattern = (expected: string): RegExp =>
  new RegExp(
    `^${expected
      .split('…')
      .map((piece) => piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('[^]*?')}`,
  );

/** A web server with the video, which takes messages too. */
async function serveVideo(t: ExecutionContext, file: string): Promise<string> {
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      request.resume().once('end', () => response.writeHead(204).end());
      return;
    }
    response.writeHead(200, { 'Content-Type': 'video/mp4', 'Content-Length': (await stat(file)).size });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('the tour of docs/api.md works as it stands', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-tour-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const VIDEO = await makeVideo(join(folder, 'clip.mp4'), { seconds: 2 });
  const server = await serveVideo(t, VIDEO);
  const system = await startEmbedded(undefined, {
    ALLOW_PRIVATE_ADDRESSES: '127.0.0.0/8',
    RATE_LIMIT_PER_MINUTE: '6000',
  });
  t.teardown(() => system.close());
  const all = await steps();
  t.true(all.length > 10);
  const script = ['set -eu', ...all.map((step) => `${step.script}\nprintf '${SEPARATOR}'`)].join('\n');
  const env = {
    ...process.env,
    API: system.queryUrl,
    KEY: system.apiKey,
    VIDEO,
    SOURCE_URL: `${server}/video.mp4`,
    HOOK_URL: `${server}/hook`,
  };
  const { stdout, failure } = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', script], {
    env,
    timeout: 400_000,
    maxBuffer: 1 << 26,
  }).then(
    (run) => ({ ...run, failure: undefined }),
    (error: { stdout: string; stderr: string; message: string }) => ({
      ...error,
      failure: error.stderr || error.message.slice(-300),
    }),
  );
  const printed = stdout.split(SEPARATOR).map((output) => output.trim());
  for (const [index, step] of all.entries()) {
    const output = (printed[index] ?? '').replaceAll('\r', '');
    t.regex(output, asPattern(step.expected), `${step.script}\n${failure ?? ''}`);
  }
  t.is(failure, undefined);
});
