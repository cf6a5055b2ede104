import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';

const Output = z.looseObject({ available: z.boolean(), reason: z.string().optional() });

export const JobView = z.looseObject({
  job_id: z.string(),
  status: z.enum(['queued', 'processing', 'completed', 'failed', 'cancelled']),
  progress: z.number(),
  tasks: z.array(
    z.looseObject({
      task_id: z.string(),
      status: z.string(),
      attempts: z.number(),
      progress: z.number(),
      speed: z.number().optional(),
      eta_s: z.number().optional(),
    }),
  ),
  source: z.looseObject({ size_bytes: z.number() }),
  outputs: z.record(z.string(), Output),
  error: z.looseObject({ message: z.string() }).optional(),
});
export type JobView = z.infer<typeof JobView>;

/** A refusal by the server, in its own words. */
export class RefusedError extends Error {
  override name = 'RefusedError';
}

const Refusal = z.object({ title: z.string(), detail: z.string() });

/** The few calls of the REST API that a command line needs. */
export function createClient(url: string, apiKey: string) {
  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(new URL(path, url), {
      ...init,
      headers: { ...init.headers, 'X-API-Key': apiKey },
    });
    if (response.ok) return response;
    const refusal = Refusal.safeParse(await response.json().catch(() => undefined));
    throw new RefusedError(
      refusal.success
        ? `${refusal.data.title}: ${refusal.data.detail}`
        : `The server answered ${response.status}`,
    );
  };
  return {
    async upload(file: string, options: { thumbnail?: string; options: object }): Promise<string> {
      const form = new FormData();
      form.set('options', JSON.stringify(options.options));
      form.set('file', await openAsBlob(file), basename(file));
      if (options.thumbnail)
        form.set('thumbnail', await openAsBlob(options.thumbnail), basename(options.thumbnail));
      const response = await call('/api/upload', { method: 'POST', body: form });
      return z.object({ job_id: z.string() }).parse(await response.json()).job_id;
    },
    job: async (jobId: string): Promise<JobView> =>
      JobView.parse(await (await call(`/api/jobs/${jobId}`)).json()),
    cancel: async (jobId: string): Promise<void> => {
      await call(`/api/jobs/${jobId}/cancel`, { method: 'POST' });
    },
    download: (absoluteUrl: string): Promise<Response> => call(absoluteUrl),
  };
}

export type Client = ReturnType<typeof createClient>;
