import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ExecutionContext } from 'ava';

const DEADLINE_MS = 60_000;

/**
 * Opens a page of a site of its own in a browser, with one library beside it at `/player.js`.
 * @returns what the page posts to `/seen`
 */
export async function playInBrowser(
  t: ExecutionContext,
  browser: string,
  page: string,
  library: string,
): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-browser-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const seen = Promise.withResolvers<Record<string, unknown>>();
  const site = createServer(async (request, response) => {
    if (request.url === '/player.js') return response.end(await readFile(library));
    if (request.url === '/seen') {
      seen.resolve(JSON.parse(await text(request)));
      return response.end();
    }
    response.setHeader('Content-Type', 'text/html').end(page);
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  t.teardown(() => {
    site.closeAllConnections();
    site.close();
  });
  const child = spawn(
    browser,
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
      ...[`--user-data-dir=${folder}/profile`, `http://127.0.0.1:${(site.address() as AddressInfo).port}/`],
    ],
    { stdio: 'ignore', detached: true },
  );
  t.teardown(async () => {
    const closed = once(child, 'close');
    // The browser is a family of processes.
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
    await closed;
  });
  const timer = setTimeout(() => seen.reject(new Error('The player told nothing in time')), DEADLINE_MS);
  return seen.promise.finally(() => clearTimeout(timer));
}
