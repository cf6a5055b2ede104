import type { Batch, Bus, IncomingMessage, Subscription } from '@transcodeflow/shared/bus/bus.ts';
import { fromMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { parkingReason, toDeadLetter } from '@transcodeflow/shared/contracts/dead-letter.ts';
import { type TaskMessage, taskFrom } from '@transcodeflow/shared/contracts/task-reports.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { groupOf } from '@transcodeflow/shared/dead-letters/consumers.ts';
import { type Failure, tryHandling } from '@transcodeflow/shared/dead-letters/try-handling.ts';
import { attemptPrefix } from '@transcodeflow/shared/objects/keys.ts';
import { AttemptAborted, type AttemptDependencies, runAttempt } from './attempt.ts';
import { followControl, type Stop } from './control.ts';
import { removePrefix } from './remove-prefix.ts';
import { createSlots } from './slots.ts';
import { createTakenAttempts } from './taken-attempts.ts';

interface Running {
  message: TaskMessage;
  /** Of the job, when the attempt was scheduled. */
  revision: number;
  abort: AbortController;
  done: Promise<void>;
}

export interface Worker {
  running(): number;
  /** Takes no more tasks, hands the running ones back, and resolves when their processes are gone. */
  close(): Promise<void>;
}

export interface WorkerOptions extends AttemptDependencies {
  bus: Bus;
  slots: number;
}

const classes = [topics.tasks.high, topics.tasks.normal, topics.tasks.low];

/**
 * Takes tasks into its slots and works on them outside the consumers: a message counts as taken once its start is
 * announced, so neither long tasks nor rebalances hold each other up. From then on heartbeats own the task.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { bus, workerId, objects, tools, reporter, log } = options;
  const running = new Set<Running>();
  const subscriptions = new Map<string, Subscription>();
  const taken = createTakenAttempts();
  const closing = new AbortController();
  const slots = createSlots(options.slots, classes, (topic) => subscriptions.get(topic)?.resume(topic));

  /** Announces an attempt and, unless it was refused or stopped meanwhile, works on it from then on. */
  const begin = async (message: IncomingMessage): Promise<void> => {
    const event = fromMessage(message);
    const task = taskFrom(event);
    const { job_id, task_id, epoch, kind } = task;
    if (!taken.isNew(task)) return slots.release();
    const trace = {
      correlationid: event.correlationid,
      causationid: event.id,
      traceparent: event.traceparent,
    };
    const start = {
      job_id,
      task_id,
      epoch,
      kind,
      worker_id: workerId,
      tools: `ffmpeg ${tools.version} (${tools.origin})`,
    };
    const abort = new AbortController();
    const attempt: Running = {
      message: task,
      revision: event.revision ?? 0,
      abort,
      done: Promise.resolve(),
    };
    // Before the announcement: its refusal may be here sooner than the announcement's acknowledgement.
    running.add(attempt);
    try {
      await reporter.report({ type: 'TaskStarted', data: start }, trace, closing.signal);
    } catch (error) {
      running.delete(attempt);
      throw error;
    }
    taken.remember(task);
    attempt.done = runAttempt(task, trace, abort.signal, options).finally(() => {
      running.delete(attempt);
      slots.release();
    });
  };

  /** I9: alone, because tasks carry no order; the message counts as taken once the dead-letter topic has it. */
  const park = async (message: IncomingMessage, { error, attempts }: Failure): Promise<void> => {
    const { topic, headers, offset } = message;
    await bus.publish([toDeadLetter(message, parkingReason(groupOf(topic), attempts, error))]);
    slots.release();
    log.warn(
      { err: error, consumer: groupOf(topic), job_id: headers.ce_subject, topic, offset: String(offset) },
      'parked a task that cannot be started; see `pnpm dead-letters`',
    );
  };

  const take = async ({ topic, messages, signal }: Batch): Promise<number> => {
    for (const [index, message] of messages.entries()) {
      if (closing.signal.aborted || signal.aborted || !slots.take(topic)) return index;
      try {
        const failure = await tryHandling(() => begin(message), signal);
        if (failure) await park(message, failure);
      } catch (error) {
        slots.release();
        throw error;
      }
    }
    return messages.length;
  };

  const stop = async ({ jobId, taskId, upToEpoch, beforeRevision, reason, sweep }: Stop): Promise<void> => {
    for (const { message, revision, abort } of running) {
      if (message.job_id !== jobId || (taskId !== undefined && message.task_id !== taskId)) continue;
      if (upToEpoch !== undefined && message.epoch > upToEpoch) continue;
      if (beforeRevision !== undefined && revision > beforeRevision) continue;
      abort.abort(new AttemptAborted(reason));
    }
    if (sweep && taskId !== undefined && upToEpoch !== undefined)
      await removePrefix(objects, attemptPrefix(jobId, taskId, upToEpoch, workerId)).catch((error) =>
        log.warn({ err: error, job_id: jobId, task_id: taskId }, 'could not sweep a refused attempt'),
      );
  };

  // Before the tasks: what is cancelled while the first of them starts must be heard of.
  const control = await followControl(bus, workerId, log, stop);
  for (const topic of classes)
    subscriptions.set(
      topic,
      await bus.subscribe({
        group: groupOf(topic),
        topics: [topic],
        handler: take,
      }),
    );
  log.info({ worker_id: workerId, slots: options.slots }, 'ready for tasks');

  return {
    running: () => running.size,
    async close() {
      closing.abort();
      const left = [...subscriptions.values()].map((subscription) => subscription.close());
      for (const { abort } of running)
        abort.abort(new AttemptAborted('The processor is stopping', { handBack: true }));
      // First those that were just being announced: what they begin ends at once.
      await Promise.allSettled(left);
      await Promise.all([...running].map(({ done }) => done));
      await control.close();
    },
  };
}
