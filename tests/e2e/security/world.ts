import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { makeVideo } from '../../media/make-video.ts';
import { type Api, createApi } from '../../systems/api.ts';
import { type EmbeddedSystem, startEmbedded } from '../../systems/embedded.ts';
import { storedBy } from '../refusals/stored.ts';
import { multipart, type Part, type RawAnswer, rawRequest } from './raw-request.ts';

export interface World {
  system: EmbeddedSystem;
  api: Api;
  video: Buffer;
  /** A job that is completed. */
  job: string;
  /** Of a server on this machine, where no outgoing request may go. */
  insidePort: number;
  /** How many have got through to it. */
  reached(): number;
  stored(): Promise<Record<string, unknown>>;
  /** Sends a multipart body as it stands. */
  upload(parts: readonly Part[], ...headers: string[]): Promise<RawAnswer>;
  close(): Promise<void>;
}

/** A system that is asked without limits and may reach no private address, with one video in it. */
export async function openWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-security-'));
  let reached = 0;
  const inside = createServer((_, response) => {
    reached += 1;
    response.end('secret');
  });
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
  let system: EmbeddedSystem | undefined;
  const close = async () => {
    inside.close();
    await system?.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const limits = { RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_PER_ADDRESS: '0', RATE_LIMIT_FAILED_KEYS: '0' };
    const started = await startEmbedded(undefined, { ...limits, ALLOW_PRIVATE_ADDRESSES: '' });
    system = started;
    const api = createApi(started);
    const file = await makeVideo(join(folder, 'tiny.mp4'), { seconds: 1, silent: true });
    const job = (await api.upload(file)).body.job_id;
    await api.finished(job);
    return {
      system: started,
      api,
      video: await readFile(file),
      job,
      insidePort: (inside.address() as AddressInfo).port,
      reached: () => reached,
      stored: () => storedBy(started),
      upload(parts, ...headers) {
        const body = multipart(parts);
        const lines = [
          'POST /api/upload HTTP/1.1',
          `X-API-Key: ${started.apiKey}`,
          'Content-Type: multipart/form-data; boundary=b',
          `Content-Length: ${body.length}`,
          ...headers,
        ];
        return rawRequest(started.commandUrl, lines, body);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

export const json = (body: unknown): RequestInit => ({
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
});

/** Asserts that an answer is a refusal that tells nothing of the inside. */
export function isRefusal(
  t: ExecutionContext,
  { status, body }: { status: number; body: string },
  what: string,
): void {
  t.true(status >= 400 && status < 500, `${what}: ${status} ${body.slice(0, 300)}`);
  t.notRegex(body, /\bat .+:\d+:\d+|node_modules/, what);
}
