import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openApiDocument } from '@transcodeflow/shared/contracts/rest/openapi.ts';
import test, { type ExecutionContext } from 'ava';
import { makeVideo } from '../media/make-video.ts';
import { type Api, createApi } from '../systems/api.ts';
import { type EmbeddedSystem, startEmbedded } from '../systems/embedded.ts';
import { storedBy } from './refusals/stored.ts';
import { multipart, type Part, rawRequest } from './security/raw-request.ts';

let system: EmbeddedSystem;
let api: Api;
let folder: string;
let video: Buffer;
let job: string;

/** On this machine, where no outgoing request may go: whoever reaches it has got through. */
let inside: Server;
let insidePort: number;
let reached = 0;

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transcodeflow-security-'));
  inside = createServer((_, response) => {
    reached += 1;
    response.end('secret');
  });
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
  insidePort = (inside.address() as AddressInfo).port;
  const limits = { RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_PER_ADDRESS: '0', RATE_LIMIT_FAILED_KEYS: '0' };
  system = await startEmbedded(undefined, { ...limits, ALLOW_PRIVATE_ADDRESSES: '' });
  api = createApi(system);
  const file = await makeVideo(join(folder, 'tiny.mp4'), { seconds: 1, silent: true });
  video = await readFile(file);
  job = (await api.upload(file)).body.job_id;
  await api.finished(job);
});
test.after.always(async () => {
  inside?.close();
  await system?.close();
  await rm(folder, { recursive: true, force: true });
});

const stored = () => storedBy(system);
const json = (body: unknown): RequestInit => ({
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
});
/** Sends a multipart body as it stands. */
const upload = (parts: readonly Part[], ...headers: string[]) => {
  const body = multipart(parts);
  const lines = [
    'POST /api/upload HTTP/1.1',
    `X-API-Key: ${system.apiKey}`,
    'Content-Type: multipart/form-data; boundary=b',
    `Content-Length: ${body.length}`,
    ...headers,
  ];
  return rawRequest(system.commandUrl, lines, body);
};
const isRefusal = (t: ExecutionContext, { status, body }: { status: number; body: string }, what: string) => {
  t.true(status >= 400 && status < 500, `${what}: ${status} ${body.slice(0, 300)}`);
  t.notRegex(body, /\bat .+:\d+:\d+|node_modules/, what);
};

test.serial('injection: what is written into any parameter stays text', async (t) => {
  const before = await stored();
  const attacks = [
    "' OR '1'='1",
    "'; DROP TABLE read_model.job; --",
    "1'; select pg_sleep(30); --",
    '%\\_%',
    '$1',
    '\u0000',
    '\ud800',
    '#{7*7}{{7*7}}<%= 7*7 %>',
    '../../../../etc/passwd',
    'a'.repeat(3_000),
    '-1',
    '1e999',
    '9223372036854775808',
    'NaN',
    '[]',
  ];
  let calls = 0;
  for (const [path, item] of Object.entries(openApiDocument().paths ?? {}))
    for (const parameter of item?.get?.parameters ?? []) {
      if (!('in' in parameter) || parameter.in === 'header' || parameter.in === 'cookie') continue;
      for (const attack of attacks) {
        const written = encodeURIComponent(attack.toWellFormed());
        const filled = path
          .replace(`{${parameter.name}}`, written)
          .replace('{id}', job)
          .replace('{path}', '360p.mp4')
          .replace('{token}', 'token');
        const query = parameter.in === 'query' ? `?${parameter.name}=${written}` : '';
        const response = await api.fetch('GET', filled + query, { signal: AbortSignal.timeout(20_000) });
        const text = await response.text();
        const what = `${path} ${parameter.name}=${attack.slice(0, 40)}: ${response.status} ${text.slice(0, 200)}`;
        t.true(response.status < 500 || response.status === 503, what);
        t.notRegex(text, /syntax error|postgres|\bat .+:\d+:\d+|root:x:0/i, what);
        calls += 1;
      }
    }
  t.true(calls >= 300, `${calls} calls`);
  t.deepEqual(await stored(), before);
  t.is((await api.call('GET', `/api/jobs/${job}`)).body.status, 'completed');
});

test.serial('stored scripts: names and metadata come back as data, never as a page', async (t) => {
  const script = '<script>alert(1)</script>';
  const name = `${script}"; filename="x.html`;
  const options = JSON.stringify({ metadata: { note: `${script}`, __proto: script } });
  const { status, body } = await upload([
    { disposition: 'name="options"', body: options },
    { disposition: `name="file"; filename="${name.replaceAll('"', '%22')}.mp4"`, body: video },
  ]);
  t.is(status, 200, body);
  const { job_id } = JSON.parse(body);
  const shown = await api.finished(job_id);
  t.is(shown.metadata.note, script, 'kept as it was given');
  for (const path of [`/api/jobs/${job_id}`, '/api/jobs', `/api/jobs/${job_id}/events`]) {
    const response = await api.fetch('GET', path);
    await response.text();
    t.regex(response.headers.get('content-type') ?? '', /^application\/json/);
    t.is(response.headers.get('x-content-type-options'), 'nosniff');
    t.regex(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  }
  const download = await api.fetch('GET', `/api/jobs/${job_id}/outputs/360p.mp4?download=1`);
  await download.arrayBuffer();
  const disposition = download.headers.get('content-disposition') ?? '';
  t.regex(disposition, /^attachment; filename="[^"\r\n<>]*"/);
  t.is(download.headers.get('content-type'), 'video/mp4');
  const docs = await api.fetch('GET', '/docs');
  await docs.text();
  t.notRegex(docs.headers.get('content-security-policy') ?? "'unsafe-inline'", /script-src[^;]*'unsafe-/);
});

test.serial('file names: no path, no NUL and no line break gets any further', async (t) => {
  for (const filename of [
    '../../../../etc/cron.d/evil.mp4',
    '..\\..\\windows\\evil.mp4',
    '/etc/passwd',
    'nul\u0000byte.mp4',
    'a\u0007b\u001b[31m.mp4',
    '.',
    '..',
    'x'.repeat(3_000),
    'right\u202eleft4pm.exe',
    '%2e%2e%2f%2e%2e%2fevil.mp4',
  ]) {
    const { status, body } = await upload([
      { disposition: `name="file"; filename="${filename}"`, body: video },
    ]);
    t.true(status === 200 || status === 400, `${filename}: ${status} ${body}`);
    if (status !== 200) continue;
    const accepted = JSON.parse(body);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    t.notRegex(accepted.filename, /[\u0000-\u001f\u202e/\\]|^\.{1,2}$/, filename);
    t.true(accepted.filename.length <= 255);
    await api.call('DELETE', `/api/jobs/${accepted.job_id}`);
  }
  const { keys } = await stored();
  for (const key of keys as string[]) t.regex(key, /^jobs\/[0-9a-f-]{36}\/[\w./-]+$/);
});

test.serial('headers: what a client sends breaks no line of an answer', async (t) => {
  const lines = (header: string) => ['GET /api/jobs HTTP/1.1', `X-API-Key: ${system.apiKey}`, header];
  for (const header of [
    'X-Request-Id: a\nSet-Cookie: evil=1',
    'X-Request-Id: a\rSet-Cookie: evil=1',
    'X-Request-Id: a%0d%0aSet-Cookie:%20evil=1',
    'X-Request-Id: a\u0000b',
    'Origin: https://evil.example\nX-Evil: 1',
    'X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: javascript',
  ]) {
    const { head, body } = await rawRequest(system.queryUrl, lines(header));
    t.notRegex(head, /^(set-cookie|x-evil):/im, header);
    t.notRegex(head + body, /evil\.example/, header);
  }
  const smuggled = await rawRequest(
    system.commandUrl,
    [
      'POST /api/keys HTTP/1.1',
      `X-API-Key: ${system.apiKey}`,
      'Content-Type: application/json',
      'Content-Length: 4',
      'Transfer-Encoding: chunked',
    ],
    '0\r\n\r\nGET /api/keys HTTP/1.1\r\nHost: x\r\n\r\n',
  );
  t.is(smuggled.status, 400, 'a length and chunks at once');
});

test.serial('bombs: small bodies that unpack to large ones are refused', async (t) => {
  const before = await stored();
  const bomb = gzipSync(Buffer.from(`{"name":"${'a'.repeat(50_000_000)}"}`));
  t.true(bomb.length < 64 * 1024);
  const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
  const response = await fetch(`${system.commandUrl}/api/keys`, {
    method: 'POST',
    headers: { ...headers, 'X-API-Key': system.apiKey },
    body: bomb,
  });
  isRefusal(t, { status: response.status, body: await response.text() }, 'gzip as JSON');
  const zipped = gzipSync(multipart([{ disposition: 'name="file"; filename="a.mp4"', body: video }]));
  const answer = await rawRequest(
    system.commandUrl,
    [
      'POST /api/upload HTTP/1.1',
      `X-API-Key: ${system.apiKey}`,
      'Content-Type: multipart/form-data; boundary=b',
      'Content-Encoding: gzip',
      `Content-Length: ${zipped.length}`,
    ],
    zipped,
  );
  isRefusal(t, answer, 'gzip as multipart');
  t.deepEqual(await stored(), before);
});

test.serial('multipart: too many, too large, doubled, damaged and poisonous parts', async (t) => {
  const before = await stored();
  const file = { disposition: 'name="file"; filename="a.mp4"', body: video };
  const bodies: Record<string, Part[]> = {
    'a large field': [{ disposition: 'name="options"', body: 'x'.repeat(2_000_000) }, file],
    'a thousand fields': [
      ...Array.from({ length: 1_000 }, (_, n) => ({ disposition: `name="f${n}"`, body: '1' })),
      file,
    ],
    'a long name': [{ disposition: `name="${'n'.repeat(1_000_000)}"`, body: '1' }, file],
    'two files': [file, file],
    'options with a prototype': [
      { disposition: 'name="options"', body: '{"__proto__":{"priority":"high"}}' },
      file,
    ],
    'a file as options': [{ disposition: 'name="options"; filename="o.json"', body: '{}' }, file],
    'no file': [{ disposition: 'name="options"', body: '{}' }],
    'an empty file': [{ disposition: 'name="file"; filename="a.mp4"', body: '' }],
    'text as a file': [{ disposition: 'name="file"', body: 'not a file' }],
    'a script as the thumbnail': [
      file,
      { disposition: 'name="thumbnail"; filename="t.jpg"', body: '<svg onload="alert(1)"/>' },
    ],
  };
  for (const [what, parts] of Object.entries(bodies)) isRefusal(t, await upload(parts), what);
  const cutOff = multipart([file]).subarray(0, -40);
  const head = [
    'POST /api/upload HTTP/1.1',
    `X-API-Key: ${system.apiKey}`,
    'Content-Type: multipart/form-data; boundary=b',
    `Content-Length: ${cutOff.length}`,
  ];
  isRefusal(t, await rawRequest(system.commandUrl, head, cutOff), 'cut off');
  const without = head.map((line) => line.replace('; boundary=b', ''));
  isRefusal(t, await rawRequest(system.commandUrl, without, cutOff), 'no boundary');
  t.deepEqual(await stored(), before);
});

test.serial(
  'a playlist or script dressed as a video is no video, and nothing that it names is read',
  async (t) => {
    const before = await stored();
    const url = `http://127.0.0.1:${insidePort}/x`;
    for (const [what, text] of Object.entries({
      'an HLS playlist': `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${url}.ts\n#EXT-X-ENDLIST\n`,
      'an ffconcat script': 'ffconcat version 1.0\nfile /etc/passwd\n',
      'a DASH manifest': `<?xml version="1.0"?><MPD><Period><AdaptationSet><Representation><BaseURL>${url}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
      'an SDP': `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video ${insidePort} RTP/AVP 96\n`,
      'a SMIL': `<smil><body><video src="${url}"/></body></smil>`,
      'an SVG': `<svg xmlns="http://www.w3.org/2000/svg"><image href="${url}"/></svg>`,
      'a PLS': `[playlist]\nFile1=${url}\n`,
    })) {
      const answer = await upload([
        { disposition: 'name="file"; filename="holiday.mp4"', body: text.padEnd(5_000) },
      ]);
      isRefusal(t, answer, what);
      t.is(JSON.parse(answer.body).code, 'invalid_video_format', what);
      const thumbnail = await upload([
        { disposition: 'name="file"; filename="a.mp4"', body: video },
        { disposition: 'name="thumbnail"; filename="t.png"', body: text },
      ]);
      isRefusal(t, thumbnail, `${what} as the thumbnail`);
    }
    t.is(reached, 0);
    t.deepEqual(await stored(), before);
  },
);

test.serial(
  'outgoing requests: no source and no webhook leads inside, however its address is written',
  async (t) => {
    const before = await stored();
    const hosts = [
      '127.0.0.1',
      'localhost',
      '127.1',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[64:ff9b::7f00:1]',
      '0.0.0.0',
    ];
    const urls = [
      ...hosts.map((host) => `http://${host}:${insidePort}/video.mp4`),
      'http://169.254.169.254/latest/meta-data/',
      'http://10.0.0.1/',
      'http://user:secret@127.0.0.1/',
      'file:///etc/passwd',
      'ftp://127.0.0.1/x',
      'gopher://127.0.0.1:6379/_INFO',
      'data:video/mp4;base64,AAAA',
    ];
    const details = new Set<string>();
    for (const url of urls) {
      const source = await api.call('POST', '/api/jobs', json({ source: { url } }));
      t.true(source.status === 422 || source.status === 400, `${url}: ${source.status}`);
      if (url.startsWith('http://') && !url.includes('@')) details.add(JSON.stringify(source.body.errors));
      const endpoint = await api.call('POST', '/api/webhooks', json({ url }));
      // A name may resolve to something else tomorrow: it is checked at each delivery.
      t.true(endpoint.status >= 400 || url.includes('localhost'), `${url}: ${endpoint.status}`);
      if (endpoint.status === 201) await api.call('DELETE', `/api/webhooks/${endpoint.body.id}`);
    }
    t.is(details.size, 1, `the same words for each: ${[...details].join('\n')}`);
    t.is(reached, 0);
    const { events, ...rest } = await stored();
    const { events: eventsBefore, ...restBefore } = before;
    t.deepEqual(rest, restBefore);
    t.true(Number(events) - Number(eventsBefore) <= 2, 'at most an endpoint that was made and deleted');
  },
);

test.serial('nothing secret is in the log', async (t) => {
  const { body } = await api.call('POST', '/api/keys', json({ name: 'n', scopes: ['read'] }));
  const reader = createApi({ ...system, apiKey: body.key });
  t.is((await reader.call('GET', '/api/jobs')).status, 200);
  const log = system.process.output();
  for (const secret of [body.key, body.key.slice(-43), system.apiKey]) t.false(log.includes(secret));
  t.is((await fetch(`${system.queryUrl}/readyz`)).status, 200);
});
