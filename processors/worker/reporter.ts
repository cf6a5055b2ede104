import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { toMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import {
  type TaskProgress,
  type TaskReport,
  taskReportVersion,
} from '@transcodeflow/shared/contracts/task-reports.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { dataSchema } from '@transcodeflow/shared/contracts/versions/data-schema.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { v7 as uuidv7 } from 'uuid';

const LONGEST_BACKOFF_MS = 5_000;

export interface Reporter {
  /** Publishes a fact, however long the broker is away, until aborted. */
  report(report: TaskReport, trace: Trace, signal: AbortSignal): Promise<void>;
  /** Publishes a heartbeat once: the next one is a second away. */
  heartbeat(progress: TaskProgress): Promise<void>;
}

export interface Trace {
  correlationid?: string;
  causationid?: string;
  traceparent?: string;
}

export function createReporter(bus: Bus, workerId: string, log: Logger): Reporter {
  const source = `/transcodeflow/processors/${workerId}`;
  return {
    async report({ type, data }, trace, signal) {
      const event = {
        id: uuidv7(),
        type,
        source,
        subject: data.job_id,
        time: new Date().toISOString(),
        dataschema: dataSchema('task-report', type, taskReportVersion(type)),
        ...trace,
        data,
      };
      const message = toMessage(topics.processing, data.job_id, event);
      for (let failures = 0; ; failures += 1) {
        signal.throwIfAborted();
        try {
          return await bus.publish([message]);
        } catch (error) {
          log.warn({ err: error, report: type, job_id: data.job_id }, 'could not report; trying again');
          await sleep(Math.min(LONGEST_BACKOFF_MS, 50 * 2 ** failures), undefined, { signal });
        }
      }
    },
    async heartbeat(data) {
      const event = {
        id: uuidv7(),
        type: 'TaskProgress',
        source,
        subject: data.job_id,
        time: new Date().toISOString(),
        dataschema: dataSchema('task-progress', 'TaskProgress', 1),
        data,
      };
      await bus.publish([toMessage(topics.progress, data.job_id, event)]);
    },
  };
}
