import type { RequestListener, ServerResponse } from 'node:http';
import { jobEventFrom } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import type { JobEventOf } from '@transcodeflow/shared/contracts/job-events.ts';
import type { TaskReport } from '@transcodeflow/shared/contracts/task-reports.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import type { KeyRing } from '@transcodeflow/shared/http/api-keys.ts';
import { LOOPBACK, webServer } from '@transcodeflow/shared/net/testing/web-server.ts';
import { attemptPrefix } from '@transcodeflow/shared/objects/keys.ts';
import { identity } from '@transcodeflow/shared/testing/identity.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import type { ExecutionContext } from 'ava';
import { reportMessage } from './core.ts';
import { openCommandService, videoBytes } from './http.ts';

/** Of `anna`; `bert` has none. */
export const QUOTA = 100_000;
const WORKER = 'worker-1';
const keys: KeyRing = {
  identify: async (key) =>
    key === 'anna'
      ? { ...identity('anna', 'read', 'write'), storage_quota_bytes: QUOTA }
      : identity('bert', 'read', 'write'),
};
export const VIDEO = videoBytes();

/** Answers without announcing its length. */
export const chunked = (response: ServerResponse, bytes = VIDEO) => {
  response.write(bytes.subarray(0, 1));
  response.end(bytes.subarray(1));
};

/** The command service, and a web server from which it takes what its clients name by URL. */
export async function openUrlSources(
  t: ExecutionContext,
  handler: RequestListener,
  allowAddresses = LOOPBACK,
) {
  const web = await webServer(t, handler);
  const service = await openCommandService(t, undefined, { keys, allowAddresses });
  const scheduled: { job_id: string; task: JobEventOf<'TaskScheduled'>['data'] }[] = [];
  await service.bus.subscribe({
    group: 'test',
    topics: [topics.jobs],
    handler: async ({ messages }) => {
      for (const { job_id, event } of messages.map(jobEventFrom))
        if (event.type === 'TaskScheduled') scheduled.push({ job_id, task: event.data });
    },
  });
  const post = (body: object, key = 'anna', headers = {}) =>
    service.call(
      '/api/jobs',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      },
      key,
    );
  const create = (url: string, more: object = {}, key = 'anna') => post({ source: { url }, ...more }, key);
  const created = async (path = '/a.mp4', more: object = {}, key = 'anna') => {
    const response = await create(web.url + path, more, key);
    const body = Object(await response.json());
    t.is(response.status, 201, JSON.stringify(body));
    return body;
  };
  const used = async (key = 'anna') => {
    const { used_bytes, reserved_bytes } = Object(await (await service.call('/api/usage', {}, key)).json());
    return [used_bytes, reserved_bytes];
  };
  const attempt = (job_id: string, epoch: number) => ({
    job_id,
    task_id: 'ingest',
    epoch,
    worker_id: WORKER,
    kind: 'ingest',
  });
  /** What a processor says of an attempt at fetching. */
  const report = (told: TaskReport) => service.bus.publish([reportMessage(told)]);
  const fetched = (job_id: string, size_bytes: number, epoch = 1) =>
    report({
      type: 'TaskSucceeded',
      data: {
        ...attempt(job_id, epoch),
        result: {
          kind: 'ingest',
          source: {
            key: `${attemptPrefix(job_id, 'ingest', epoch, WORKER)}source`,
            size_bytes,
            content_type: 'application/octet-stream',
          },
          sha256: 'a'.repeat(64),
        },
        commands: [],
        wall_ms: 1,
      },
    });
  const failed = (job_id: string, epoch = 1) =>
    report({
      type: 'TaskFailed',
      data: {
        ...attempt(job_id, epoch),
        error: { code: 'source_answer_refused', message: 'It is gone', retryable: false },
        commands: [],
      },
    });
  const usedBecomes = (...figures: number[]) =>
    until(`${figures} bytes are used`, async () => JSON.stringify(await used()) === JSON.stringify(figures));
  return { ...service, web, scheduled, post, create, created, used, usedBecomes, fetched, failed };
}
