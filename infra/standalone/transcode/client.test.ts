import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import test, { type ExecutionContext } from 'ava';
import { createClient, type JobView, RefusedError } from './client.ts';
import { outputsTable } from './outputs-table.ts';
import { createProgressBars } from './progress-bars.ts';
import { followJob } from './run-job.ts';
import { saveOutputs } from './save-outputs.ts';

const ID = '019b7a11-7000-7000-8000-00000000000a';

async function serve(t: ExecutionContext, handler: RequestListener) {
  const server = await listen(handler, 0, '127.0.0.1');
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-client-'));
  t.teardown(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { client: createClient(server.url, 'key'), url: server.url, folder };
}

const job = (changes: Partial<JobView> = {}): JobView => ({
  job_id: ID,
  status: 'processing',
  progress: 5,
  tasks: [],
  source: { size_bytes: 100 },
  outputs: {},
  ...changes,
});

test('a refusal is told in the server’s own words', async (t) => {
  const answers = [
    JSON.stringify({ title: 'Invalid video format', detail: 'The file is of type image/jpeg' }),
    'not json',
  ];
  const { client } = await serve(t, (_, response) => response.writeHead(400).end(answers.shift()));
  await t.throwsAsync(client.job(ID), {
    instanceOf: RefusedError,
    message: 'Invalid video format: The file is of type image/jpeg',
  });
  await t.throwsAsync(client.job(ID), { instanceOf: RefusedError, message: 'The server answered 400' });
});

test('an upload carries file, thumbnail and options', async (t) => {
  const received: string[] = [];
  const { client, folder } = await serve(t, (request, response) => {
    request
      .setEncoding('latin1')
      .on('data', (chunk: string) => received.push(chunk))
      .on('end', () => response.end(JSON.stringify({ job_id: ID })));
  });
  for (const name of ['film.mp4', 'picture.png']) await writeFile(join(folder, name), `bytes of ${name}`);
  t.is(
    await client.upload(join(folder, 'film.mp4'), {
      thumbnail: join(folder, 'picture.png'),
      options: { language: 'en' },
    }),
    ID,
  );
  const body = received.join('');
  for (const part of [
    'name="file"; filename="film.mp4"',
    'bytes of film.mp4',
    'name="thumbnail"; filename="picture.png"',
    '{"language":"en"}',
  ])
    t.true(body.includes(part), part);
});

test('a job is followed to its end, and cancelled once when asked to', async (t) => {
  const stop = new AbortController();
  let status: JobView['status'] = 'processing';
  const calls: string[] = [];
  const { client } = await serve(t, (request, response) => {
    calls.push(request.method ?? '');
    if (request.method === 'POST') status = 'cancelled';
    response.end(JSON.stringify(job({ status })));
  });
  const shown: string[] = [];
  const end = await followJob(
    client,
    ID,
    (view) => {
      shown.push(view.status);
      stop.abort();
    },
    stop.signal,
  );
  t.is(end.status, 'cancelled');
  t.deepEqual(shown, ['processing', 'cancelled']);
  t.is(calls.filter((method) => method === 'POST').length, 1);
});

test('outputs are saved, HLS with all that its playlists name, and nothing outside the folder', async (t) => {
  const files: Record<string, string> = {
    '360p.mp4': 'video',
    'hls/master.m3u8': '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI="audio/index.m3u8"\n360p/index.m3u8\n',
    'hls/360p/index.m3u8': '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\nseg-1.m4s\n',
    'hls/360p/init.mp4': 'init',
    'hls/360p/seg-1.m4s': 'segment',
    'hls/audio/index.m3u8': '#EXTM3U\n',
  };
  const root = `/api/jobs/${ID}/outputs/`;
  const { client, url, folder } = await serve(t, (request, response) =>
    response.end(files[decodeURIComponent(request.url ?? '').slice(root.length)] ?? ''),
  );
  const outputs = {
    '360p': { available: true, download_url: `${url}${root}360p.mp4` },
    hls: { available: true, master_url: `${url}${root}hls/master.m3u8` },
    audio: { available: false, reason: 'silent' },
  };
  await saveOutputs(client, job({ outputs }), folder);
  for (const [name, text] of Object.entries(files))
    t.is(await readFile(join(folder, name), 'utf8'), text, name);
  for (const evil of ['/etc/passwd', `${root}..%2f..%2fevil.mp4`])
    await t.throwsAsync(
      saveOutputs(client, job({ outputs: { evil: { available: true, download_url: url + evil } } }), folder),
      { message: /Unexpected output URL/ },
    );
});

test('the table says of each output how large, how good and where, or why not', (t) => {
  const at = `http://x/api/jobs/${ID}/outputs`;
  const table = outputsTable(
    job({
      outputs: {
        '360p': {
          available: true,
          size_bytes: 2_500_000,
          width: 640,
          height: 360,
          compression_ratio: 0.25,
          quality: { ssim: 0.98765, psnr: 41.23, vmaf: 95.4 },
          download_url: `${at}/360p.mp4`,
        },
        '720p': { available: false, reason: 'never scaled up' },
        thumbnail: { available: true, size_bytes: 900, download_url: `${at}/thumbnail.jpg` },
        hls: { available: true, size_bytes: 5_000, master_url: `${at}/hls/master.m3u8` },
        dash: { available: true, size_bytes: 5_000, manifest_url: `${at}/hls/manifest.mpd` },
        transcription: { available: true, formats: { txt: `${at}/transcript.txt` } },
      },
    }),
    '/out',
  );
  for (const text of [
    '640x360',
    '2.38 MiB',
    '0.250',
    'SSIM 0.9877, PSNR 41.2, VMAF 95.4',
    '/out/360p.mp4',
    'not available: never scaled up',
    '900 B',
    '4.9 KiB',
    '/out/hls/master.m3u8',
    '/out/hls/manifest.mpd',
    '/out/transcript.txt',
  ])
    t.true(table.includes(text), text);
});

const task = (status: string, attempts = 1, progress = 0) => ({
  task_id: 'encode',
  status,
  attempts,
  progress,
  ...(status === 'running' ? { speed: 2.5, eta_s: 3.2 } : {}),
});

test('without a terminal a line says when a task changes, and only then', (t) => {
  const written: string[] = [];
  const bars = createProgressBars({
    isTTY: false,
    write: (text: string) => written.push(text),
  } as unknown as NodeJS.WriteStream);
  for (const state of [
    task('pending'),
    task('queued'),
    task('queued'),
    task('running'),
    task('running', 1, 50),
    task('running', 2),
    task('succeeded', 2),
  ])
    bars.show(job({ tasks: [state] }));
  bars.stop();
  t.deepEqual(written, [
    '  encode: queued\n',
    '  encode: running\n',
    '  encode: running (attempt 2)\n',
    '  encode: succeeded (attempt 2)\n',
  ]);
});
