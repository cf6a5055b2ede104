import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { documented } from './documented.ts';
import type { SystemUnderTest } from './system-under-test.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into by tests, which say what they expect of them
type Json = any;

export interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

/** As the gateways have it. */
const isQuery = (method: string, path: string) =>
  (method === 'GET' || method === 'HEAD') && !/^\/api\/(uploads|usage)(\/|$)/.test(path);

/** One for the whole process: schemas are compiled once. */
const check = documented();

/** The REST API for tests: plain calls, and waiting for a condition with a deadline. Each answer must be a documented one. */
export function createApi({
  commandUrl,
  queryUrl,
  apiKey,
}: Pick<SystemUnderTest, 'commandUrl' | 'queryUrl' | 'apiKey'>) {
  const send = (method: string, path: string, init: RequestInit) =>
    fetch(new URL(path, isQuery(method, path) ? queryUrl : commandUrl), {
      ...init,
      method,
      headers: { 'X-API-Key': apiKey, ...init.headers },
    });
  const fetchIt = async (method: string, path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await send(method, path, init);
    check({ method, path, status: response.status, headers: response.headers });
    return response;
  };
  const call = async (method: string, path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await send(method, path, init);
    const text = await response.text();
    const { status, headers } = response;
    check({ method, path, status, headers, text });
    const isJson = /json/.test(headers.get('content-type') ?? '');
    return { status, headers, body: isJson ? JSON.parse(text) : text };
  };

  async function until(
    jobId: string,
    condition: (job: Json) => boolean,
    deadlineMs = 240_000,
  ): Promise<Json> {
    const deadline = Date.now() + deadlineMs;
    for (;;) {
      const { status, body } = await call('GET', `/api/jobs/${jobId}`);
      if (status === 200 && condition(body)) return body;
      if (Date.now() > deadline)
        throw new Error(`Job ${jobId} did not get there within ${deadlineMs} ms: ${JSON.stringify(body)}`);
      await sleep(100);
    }
  }

  return {
    call,
    fetch: fetchIt,
    async upload(
      file: string,
      extra: {
        thumbnail?: string;
        watermark?: string;
        options?: object | undefined;
        name?: string;
        headers?: Record<string, string>;
      } = {},
    ): Promise<Answer> {
      const form = new FormData();
      if (extra.options) form.set('options', JSON.stringify(extra.options));
      form.set('file', await openAsBlob(file), extra.name ?? basename(file));
      if (extra.thumbnail)
        form.set('thumbnail', await openAsBlob(extra.thumbnail), basename(extra.thumbnail));
      if (extra.watermark)
        form.set('watermark', await openAsBlob(extra.watermark), basename(extra.watermark));
      return call('POST', '/api/upload', { body: form, headers: extra.headers });
    },
    until,
    /** Waits for the end, whichever it is. */
    finished: (jobId: string, deadlineMs?: number) =>
      until(jobId, (job) => !['queued', 'processing'].includes(job.status), deadlineMs),
  };
}

export type Api = ReturnType<typeof createApi>;
