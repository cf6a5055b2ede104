import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { toMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import type { TaskProgress, TaskReport } from '@transcodeflow/shared/contracts/task-reports.ts';
import type { TaskSpec } from '@transcodeflow/shared/contracts/tasks.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { openPostgresEventStore } from '@transcodeflow/shared/event-store/postgres/postgres-event-store.ts';
import { attemptPrefix } from '@transcodeflow/shared/objects/keys.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { sampleRequest, sampleResult } from '@transcodeflow/shared/testing/job-samples.ts';
import { testDatabase } from '@transcodeflow/shared/testing/postgres.ts';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { createCommandHandler } from '../command-handler.ts';
import { postgresSource } from '../relay/postgres-source.ts';
import { type Relay, startRelay } from '../relay/relay.ts';

interface TearsDown {
  teardown(release: () => Promise<void>): void;
}

export const WORKER = 'worker-1';
export const lanes = [topics.jobs, topics.accounts, topics.control, ...Object.values(topics.tasks)].map(
  (topic) => ({
    topic,
    batch: 10,
  }),
);

/** Cores at once in one test process: together they stay below the connections that the test's server allows. */
let places = 5;
const queue: (() => void)[] = [];

async function takePlace(t: TearsDown): Promise<void> {
  if (places === 0) await new Promise<void>((resolve) => queue.push(resolve));
  else places -= 1;
  t.teardown(async () => {
    const next = queue.shift();
    if (next) next();
    else places += 1;
  });
}

/** The real store, bus, command handler and relay over a database of the test's own. */
export async function openCore(t: TearsDown) {
  await takePlace(t);
  const url = await testDatabase(t);
  const store = await openPostgresEventStore(url, silentLogger);
  const bus = createInProcessBus();
  const commands = createCommandHandler(store);
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on('error', () => {});
  const closers: (() => Promise<void>)[] = [];
  t.teardown(async () => {
    for (const close of closers.toReversed()) await close();
    await bus.close();
    await pool.end();
    await store.close();
  });
  return {
    url,
    store,
    bus,
    commands,
    rows: async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
      (await pool.query(sql, values)).rows,
    /** Closed at the test's end, unless the test did so itself. */
    closeAtEnd(part: { close(): Promise<void> }): { close(): Promise<void> } {
      let closing: Promise<void> | undefined;
      const close = () => (closing ??= part.close());
      closers.push(close);
      return { close };
    },
    relay: (over: Bus = bus): Relay => {
      const relay = startRelay({ source: postgresSource(url), bus: over, log: silentLogger, lanes });
      closers.push(() => relay.close());
      return relay;
    },
    async request(): Promise<string> {
      const job_id = uuidv7();
      await commands.execute(
        job_id,
        { type: 'RequestJob', data: { job_id, ...sampleRequest(job_id) } },
        { correlation_id: 'test' },
      );
      return job_id;
    },
    /** `Type` or `Type task/epoch`, in order. */
    async history(jobId: string): Promise<string[]> {
      const events = await store.read(jobStream(jobId));
      return events.map(({ type, data }) => {
        const { task_id, epoch } = data as { task_id?: string; epoch?: number };
        return epoch === undefined ? type : `${type} ${task_id}/${epoch}`;
      });
    },
    report: (report: TaskReport) => bus.publish([reportMessage(report)]),
    heartbeat: (progress: Pick<TaskProgress, 'job_id' | 'task_id' | 'epoch'>) =>
      bus.publish([
        message(topics.progress, 'TaskProgress', {
          worker_id: WORKER,
          kind: progress.task_id,
          fraction: 0.5,
          ...progress,
        }),
      ]),
  };
}

export type Core = Awaited<ReturnType<typeof openCore>>;

export const reportMessage = ({ type, data }: TaskReport) => message(topics.processing, type, data);

function message<T extends { job_id: string }>(topic: string, type: string, data: T) {
  return toMessage(topic, data.job_id, {
    id: uuidv7(),
    type,
    source: '/test',
    subject: data.job_id,
    time: new Date().toISOString(),
    data,
  });
}

const attempt = (job_id: string, task_id: string, epoch: number, worker_id: string) => ({
  job_id,
  task_id,
  epoch,
  worker_id,
  kind: task_id,
});

/** What a worker says of an attempt. */
export const reports = {
  started: (jobId: string, task: string, epoch = 1, worker = WORKER): TaskReport => ({
    type: 'TaskStarted',
    data: attempt(jobId, task, epoch, worker),
  }),
  succeeded: (jobId: string, spec: TaskSpec, epoch = 1, worker = WORKER): TaskReport => ({
    type: 'TaskSucceeded',
    data: {
      ...attempt(jobId, spec.kind, epoch, worker),
      result: sampleResult(spec, attemptPrefix(jobId, spec.kind, epoch, worker)),
      commands: [],
      wall_ms: 1,
    },
  }),
  failed: (jobId: string, task: string, error: object = {}, epoch = 1, worker = WORKER): TaskReport => ({
    type: 'TaskFailed',
    data: {
      ...attempt(jobId, task, epoch, worker),
      error: { code: 'ffmpeg_failed', message: 'It broke', retryable: true, ...error },
      commands: [],
    },
  }),
};
