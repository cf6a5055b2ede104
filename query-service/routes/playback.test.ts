import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { deriveKey } from '@transcodeflow/shared/secrets/derive-key.ts';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { openToken, signToken } from '../playback/token.ts';
import { document, jobId, openQueryService, outputsOf, problemOf, SECRET_KEY } from '../testing/service.ts';

const ID = jobId(1);
const PREFIX = `jobs/${ID}/tasks/package/1-w/hls`;
const SEGMENT = randomBytes(5_000);

async function open(t: ExecutionContext) {
  const service = await openQueryService(t);
  const put = (key: string, body: string | Buffer) => service.objects.put(key, Readable.from([body]));
  await put(`jobs/${ID}/tasks/encode/1-w/360p.mp4`, '0123456789');
  await put(
    `${PREFIX}/master.m3u8`,
    '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360\n360p/index.m3u8\n',
  );
  await put(
    `${PREFIX}/360p/index.m3u8`,
    '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:4,\nseg-0.m4s\n#EXTINF:4,\nseg-1.m4s\n#EXT-X-ENDLIST\n',
  );
  for (const name of ['init.mp4', 'seg-0.m4s', 'seg-1.m4s']) await put(`${PREFIX}/360p/${name}`, SEGMENT);
  await service.project(document(1, { status: 'completed', outputs: outputsOf(ID), revision: 5 }));
  const playback = async (query = '') =>
    (await (await service.call(`/api/jobs/${ID}/playback${query}`)).json()) as {
      hls_url: string;
      mp4: Record<string, string>;
      expires_at: string;
    } & Record<string, unknown>;
  return { ...service, playback };
}

/** What a player does, with nothing but URLs. */
const lines = (playlist: string) =>
  playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('a player walks from the master playlist to each segment by relative links alone', async (t) => {
  const { playback } = await open(t);
  const { hls_url } = await playback();
  const master = await fetch(hls_url);
  t.is(master.status, 200);
  t.is(master.headers.get('content-type'), 'application/vnd.apple.mpegurl');
  const [variant] = lines(await master.text());
  const variantUrl = new URL(variant ?? '', hls_url);
  const media = await (await fetch(variantUrl)).text();
  const map = /URI="([^"]+)"/.exec(media)?.[1] ?? '';
  const parts = [map, ...lines(media)].map((link) => new URL(link, variantUrl));
  t.is(parts.length, 3);
  for (const part of parts) t.deepEqual(Buffer.from(await (await fetch(part)).arrayBuffer()), SEGMENT);
  const range = await fetch(parts[1] ?? '', { headers: { Range: 'bytes=100-199' } });
  t.is(range.status, 206);
  t.deepEqual(Buffer.from(await range.arrayBuffer()), SEGMENT.subarray(100, 200));
  const head = await fetch(parts[1] ?? '', { method: 'HEAD' });
  t.is(head.headers.get('content-length'), '5000');
});

test('any site may play; scripts may read what they need; preflights need no key', async (t) => {
  const { playback } = await open(t);
  const { hls_url } = await playback();
  const answer = await fetch(hls_url, { headers: { Origin: 'https://elsewhere.example' } });
  t.is(answer.headers.get('access-control-allow-origin'), '*');
  t.is(answer.headers.get('cross-origin-resource-policy'), 'cross-origin');
  t.regex(answer.headers.get('access-control-expose-headers') ?? '', /Content-Range/);
  t.regex(answer.headers.get('cache-control') ?? '', /^private, max-age=3600$/);
  const preflight = await fetch(hls_url, {
    method: 'OPTIONS',
    headers: {
      Origin: 'https://elsewhere.example',
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'range',
    },
  });
  t.is(preflight.status, 204);
  t.is(preflight.headers.get('access-control-allow-headers'), 'range');
});

test('what there is to play is named, what there is not is null', async (t) => {
  const { playback, server } = await open(t);
  const { hls_url, mp4, expires_at, ...rest } = await playback('?expires_in=60');
  const base = hls_url.replace('/hls/master.m3u8', '');
  t.true(base.startsWith(`${server.url}/play/`));
  t.deepEqual(mp4, { '360p': `${base}/360p.mp4` });
  t.deepEqual(rest, {
    job_id: ID,
    dash_url: `${base}/hls/manifest.mpd`,
    audio_url: `${base}/audio.m4a`,
    poster_url: `${base}/thumbnail.jpg`,
    captions_url: `${base}/transcript.vtt`,
    storyboard_url: `${base}/storyboard.vtt`,
  });
  const seconds = (Date.parse(expires_at) - Date.now()) / 1_000;
  t.true(seconds > 30 && seconds <= 60);
});

test('only that job until then: changed 403, expired 410, other paths 404, deleted 404', async (t) => {
  const { playback, server, project } = await open(t);
  const { hls_url } = await playback();
  const token = hls_url.split('/').at(-3) ?? '';
  const get = (text: string, path = 'hls/master.m3u8') => fetch(`${server.url}/play/${text}/${path}`);
  t.is((await get(token)).status, 200);

  const bytes = Buffer.from(token, 'base64url');
  const changed = Array.from({ length: bytes.length }, (_, index) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(index) ^ 1, index);
    return copy.toString('base64url');
  });
  const key = deriveKey(SECRET_KEY, 'playback urls');
  const later = Math.floor(Date.now() / 1_000) + 100;
  const others = [
    signToken(deriveKey(`${SECRET_KEY}!`, 'playback urls'), { jobId: ID, expires: later }),
    signToken(deriveKey(SECRET_KEY, 'something else'), { jobId: ID, expires: later }),
    `${token}A`,
    `${token}=`,
    `${token.slice(0, -1)}.`,
    token.slice(0, -4),
    'x',
    'a'.repeat(5_000),
  ];
  for (const bad of [...changed, ...others])
    t.deepEqual(await problemOf(await get(bad)), [403, 'playback_url_invalid'], bad);

  const past = signToken(key, { jobId: ID, expires: Math.floor(Date.now() / 1_000) - 1 });
  t.deepEqual(await problemOf(await get(past)), [410, 'playback_url_expired']);
  t.deepEqual(openToken(key, past, 0).jobId, ID);
  for (const path of ['hls/nothing.ts', 'source', 'tasks/encode/1-w/360p.mp4', 'hls/%2e%2e/secret.txt'])
    t.deepEqual(await problemOf(await get(token, path)), [404, 'output_not_found'], path);
  const other = signToken(key, { jobId: jobId(2), expires: later });
  t.deepEqual(await problemOf(await get(other)), [404, 'job_not_found']);
  await project(document(1, { status: 'deleted', revision: 6 }));
  t.deepEqual(await problemOf(await get(token)), [404, 'job_not_found']);
});

test('who may have such URLs, of which jobs, and for how long', async (t) => {
  const { call, project } = await open(t);
  await project(document(2, { status: 'processing' }));
  const path = `/api/jobs/${ID}/playback`;
  t.deepEqual(await problemOf(await call(path, {}, 'bert')), [403, 'job_of_another_account']);
  t.deepEqual(await problemOf(await call(path, {}, 'writer')), [403, 'scope_missing']);
  t.deepEqual(await problemOf(await call(path, {}, '')), [403, 'api_key_missing']);
  t.deepEqual(await problemOf(await call(`/api/jobs/${jobId(2)}/playback`)), [409, 'job_not_completed']);
  t.deepEqual(await problemOf(await call(`/api/jobs/${jobId(3)}/playback`)), [404, 'job_not_found']);
  for (const bad of ['59', '604801', '-1', '1e3', '', 'x', '99999999999'])
    t.deepEqual(await problemOf(await call(`${path}?expires_in=${bad}`)), [400, 'invalid_request'], bad);
  t.is((await call(`${path}?expires_in=604800`)).status, 200);
});
