import { createApp } from '@transcodeflow/shared/http/app.ts';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import { serveOpenApi } from '@transcodeflow/shared/http/serve-openapi.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import test, { type ExecutionContext } from 'ava';
import { serveDocs } from './serve-docs.ts';

async function serve(t: ExecutionContext, publicUrl?: string) {
  const app = createApp(silentLogger);
  app.use(serveOpenApi(publicUrl)).use(serveDocs(publicUrl));
  const server = await listen(app.callback(), 0, '127.0.0.1');
  t.teardown(() => server.close());
  return (path: string, init: RequestInit = {}) => fetch(server.url + path, init);
}

test('the page names only what is served here, and its policy allows nothing else', async (t) => {
  const get = await serve(t);
  const response = await get('/docs');
  t.is(response.status, 200);
  t.regex(response.headers.get('content-type') ?? '', /^text\/html/);
  const policy = response.headers.get('content-security-policy') ?? '';
  t.notRegex(policy, /unsafe|\*|https?:/);
  const html = await response.text();
  t.notRegex(html, /<script>|style=|onload|https?:/);
  const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = '']) => link);
  t.is(links.length, 4);
  for (const link of links) {
    const asset = await get(new URL(link, 'http://x/docs').pathname);
    t.is(asset.status, 200, link);
    t.true((await asset.arrayBuffer()).byteLength > 0, link);
    t.is(asset.headers.get('x-content-type-options'), 'nosniff');
  }
});

test('no other file of the package is to be had', async (t) => {
  const get = await serve(t);
  for (const path of [
    '/docs/package.json',
    '/docs/index.html',
    '/docs/..%2fpackage.json',
    '/docs/__proto__',
    '/docs/',
  ])
    t.is((await get(path)).status, 404, path);
  t.is((await get('/docs', { method: 'POST' })).status, 404);
});

test('the document names the public address, which the page may call', async (t) => {
  const get = await serve(t, 'https://video.example/api-root');
  const response = await get('/openapi.json');
  const document = (await response.json()) as { openapi: string; servers: { url: string }[] };
  t.is(document.openapi, '3.1.1');
  t.is(document.servers[0]?.url, 'https://video.example/api-root');
  t.regex(
    (await get('/docs')).headers.get('content-security-policy') ?? '',
    /connect-src 'self' https:\/\/video\.example;/,
  );
  const known = { headers: { 'If-None-Match': response.headers.get('etag') ?? '', 'Cache-Control': '' } };
  t.is((await get('/openapi.json', known)).status, 304);
});
