import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { fromMessage, toMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import type { Priority } from '@transcodeflow/shared/contracts/priority.ts';
import {
  parseTaskReport,
  TaskProgress,
  type TaskReport,
} from '@transcodeflow/shared/contracts/task-reports.ts';
import type { TaskSpec } from '@transcodeflow/shared/contracts/tasks.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { openSafeFetch } from '@transcodeflow/shared/net/safe-fetch.ts';
import { LOOPBACK } from '@transcodeflow/shared/net/testing/web-server.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { attemptPrefix, jobPrefix } from '@transcodeflow/shared/objects/keys.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { sampleRef, sampleResult } from '@transcodeflow/shared/testing/job-samples.ts';
import type { ExecutionContext } from 'ava';
import { v7 as uuidv7 } from 'uuid';
import type { MediaTools } from '../../ffmpeg/media-tools.ts';
import type { AttemptDependencies } from '../attempt.ts';
import { createReporter } from '../reporter.ts';
import { startWorker } from '../worker.ts';

export type RunTask = NonNullable<AttemptDependencies['runTask']>;

export const WORKER = 'worker-1';
const tools: MediaTools = {
  ffmpeg: 'ffmpeg',
  ffprobe: 'ffprobe',
  version: '7.0',
  origin: 'test',
  encoders: new Set(),
  filters: new Set(),
  muxers: new Set(),
};
const spec = (jobId: string): TaskSpec => ({
  kind: 'inspect',
  source: sampleRef(`jobs/${jobId}/source`),
  filename: 'a.mp4',
});

/** A task that writes an object and then goes on until it is told to end, or is aborted. */
export function heldTasks() {
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const run: RunTask = async (task, { objects, prefix, signal, progress, ran }) => {
    const end = Promise.withResolvers<void>();
    ends.set(prefix, end);
    ran(['ffmpeg', '-version']);
    progress({ fraction: 0.5, speed: 2 });
    await objects.put(`${prefix}part.mp4`, Readable.from(['bytes']));
    signal.throwIfAborted();
    const aborted = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
    );
    await Promise.race([end.promise, aborted]);
    return sampleResult(task, prefix);
  };
  const running = () => [...ends.keys()];
  return { run, running, end: (prefix: string) => ends.get(prefix)?.resolve() };
}

export async function openWorker(
  t: ExecutionContext,
  { slots = 2, runTask, wrap = (bus) => bus }: { slots?: number; runTask: RunTask; wrap?: (bus: Bus) => Bus },
) {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-worker-'));
  const objects = await openDirectoryStore(join(folder, 'objects'));
  const web = openSafeFetch({ allow: LOOPBACK });
  const workRoot = await mkdtemp(join(folder, 'work-'));
  const bus = createInProcessBus();
  const reports: TaskReport[] = [];
  const beats: TaskProgress[] = [];
  await bus.subscribe({
    group: 'manager',
    topics: [topics.processing],
    handler: async ({ messages }) =>
      void reports.push(...messages.map(fromMessage).map(({ type, data }) => parseTaskReport(type, data))),
  });
  await bus.subscribe({
    group: 'beats',
    topics: [topics.progress],
    handler: async ({ messages }) =>
      void beats.push(...messages.map((message) => TaskProgress.parse(fromMessage(message).data))),
  });
  const seenBus = wrap(bus);
  const worker = await startWorker({
    bus: seenBus,
    objects,
    web,
    tools,
    workerId: WORKER,
    workRoot,
    log: silentLogger,
    reporter: createReporter(seenBus, WORKER, silentLogger),
    slots,
    runTask,
  });
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= worker.close());
  t.teardown(async () => {
    await close();
    await web.close();
    await bus.close();
    await rm(folder, { recursive: true, force: true });
  });
  const dispatch = (jobId: string, { epoch = 1, priority = 'normal' as Priority, revision = 2 } = {}) =>
    bus.publish([
      toMessage(topics.tasks[priority], undefined, {
        id: `${jobId}-${epoch}`,
        type: 'TaskScheduled',
        source: '/test',
        subject: jobId,
        time: new Date().toISOString(),
        revision,
        correlationid: 'request-1',
        data: { task_id: 'inspect', kind: 'inspect', epoch, priority, reason: 'planned', spec: spec(jobId) },
      }),
    ]);
  const control = (type: string, jobId: string, data: object, revision = 9) =>
    bus.publish([
      toMessage(topics.control, jobId, {
        id: uuidv7(),
        type,
        source: '/test',
        subject: jobId,
        time: new Date().toISOString(),
        revision,
        data,
      }),
    ]);
  const keys = async (jobId: string) => {
    const found: string[] = [];
    for await (const { key } of objects.list(jobPrefix(jobId))) found.push(key);
    return found;
  };
  const types = () => reports.map(({ type }) => type);
  return { bus, objects, worker, workRoot, reports, beats, close, dispatch, control, keys, types };
}

export const prefixOf = (jobId: string, epoch = 1) => attemptPrefix(jobId, 'inspect', epoch, WORKER);
