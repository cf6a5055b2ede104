import type { JobDocument, TaskDocument } from '../../contracts/job-document.ts';
import type { JobEventEnvelope } from '../../contracts/job-event-envelope.ts';
import type { JobEventOf } from '../../contracts/job-events.ts';

/**
 * Folds one event into a job's document. Pure, so that a rebuild gives the same bytes and a query can tell what the
 * job was at any moment.
 */
export function evolve(document: JobDocument | undefined, envelope: JobEventEnvelope): JobDocument {
  const { event, time, revision } = envelope;
  if (event.type === 'JobRequested') return requested(envelope, event.data);
  if (!document) throw new Error(`Job ${envelope.job_id}: ${event.type} before JobRequested`);
  const job: JobDocument = { ...document, revision, updated_at: time };
  switch (event.type) {
    case 'SourceInspected':
      return { ...job, media: event.data.media };
    case 'JobPlanned': {
      const { tasks, renditions, skipped } = event.data.plan;
      const pending = tasks.map(
        ({ task_id, kind }): TaskDocument => ({ task_id, kind, status: 'pending', attempts: 0, epoch: 0 }),
      );
      const rungs = skipped.map(({ output }) => output).filter((output) => /^\d+p$/.test(output));
      return {
        ...job,
        planned: [...renditions.map(({ name }) => name), ...rungs],
        tasks: [...job.tasks, ...pending],
      };
    }
    case 'TaskScheduled': {
      const { task_id, kind, epoch } = event.data;
      const before = job.tasks.find((task) => task.task_id === task_id);
      const attempts = (before?.attempts ?? 0) + 1;
      const queued = withTask(job, { task_id, kind, status: 'queued', attempts, epoch });
      return before?.status === 'succeeded' ? withOutdated(queued) : queued;
    }
    case 'TaskStarted': {
      const { task_id, worker_id } = event.data;
      return {
        ...changeTask(job, task_id, { status: 'running', worker_id, started_at: time }),
        status: 'processing',
        started_at: job.started_at ?? time,
      };
    }
    case 'TaskSucceeded':
      return {
        ...changeTask(job, event.data.task_id, { status: 'succeeded', finished_at: time }),
        ...(event.data.result.kind === 'ingest' ? { source_bytes: event.data.result.source.size_bytes } : {}),
      };
    case 'TaskFailed':
      return changeTask(job, event.data.task_id, ended(event.data.retry_at, event.data.error.message, time));
    case 'TaskLost':
      return changeTask(job, event.data.task_id, ended(event.data.retry_at, event.data.reason, time));
    case 'AccelerationDegraded': {
      const { task_id, from, to, reason } = event.data;
      return { ...job, degradations: [...job.degradations, `${task_id}: ${from} → ${to}: ${reason}`] };
    }
    case 'JobCompleted':
      return { ...job, status: 'completed', outputs: event.data.outputs, finished_at: time };
    case 'JobFailed': {
      const { code, reason, task_id } = event.data;
      return {
        ...job,
        status: 'failed',
        error: { code, message: reason, ...(task_id ? { task_id } : {}) },
        finished_at: time,
      };
    }
    case 'JobCancelled':
      return { ...job, status: 'cancelled', finished_at: time };
    case 'JobRetried': {
      const { error: _, finished_at: __, ...open } = job;
      return { ...open, status: 'queued' };
    }
    case 'JobDeleted': {
      const { outputs: _, ...rest } = job;
      return { ...rest, status: 'deleted' };
    }
    default:
      return event satisfies never;
  }
}

/** Made of the encoded files: an encode that is done again takes them along. */
const MADE_OF_ENCODES = new Set(['stitch', 'package', 'verify']);

const withOutdated = (job: JobDocument): JobDocument => ({
  ...job,
  tasks: job.tasks.map((task) =>
    MADE_OF_ENCODES.has(task.kind)
      ? {
          task_id: task.task_id,
          kind: task.kind,
          status: 'pending',
          attempts: task.attempts,
          epoch: task.epoch,
        }
      : task,
  ),
});

const requested = (
  { job_id, revision, time }: JobEventEnvelope,
  data: JobEventOf<'JobRequested'>['data'],
): JobDocument => ({
  job_id,
  account_id: data.account_id,
  revision,
  status: 'queued',
  filename: data.filename,
  profile: data.profile,
  priority: data.priority,
  metadata: data.metadata,
  source_bytes: data.source.size_bytes ?? 0,
  ...('url' in data.source ? { source_url: data.source.url } : {}),
  created_at: time,
  updated_at: time,
  planned: [],
  tasks: [],
  degradations: [],
});

const ended = (retryAt: string | undefined, error: string, time: string): Partial<TaskDocument> => ({
  status: retryAt ? 'waiting' : 'failed',
  error,
  finished_at: time,
});

function changeTask(job: JobDocument, taskId: string, change: Partial<TaskDocument>): JobDocument {
  return {
    ...job,
    tasks: job.tasks.map((task) => (task.task_id === taskId ? { ...task, ...change } : task)),
  };
}

function withTask(job: JobDocument, task: TaskDocument): JobDocument {
  const known = job.tasks.some(({ task_id }) => task_id === task.task_id);
  return {
    ...job,
    tasks: known ? job.tasks.map((old) => (old.task_id === task.task_id ? task : old)) : [...job.tasks, task],
  };
}
