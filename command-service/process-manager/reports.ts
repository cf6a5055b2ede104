import type { Bus, IncomingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { attemptRefused } from '@transcodeflow/shared/contracts/attempt-refused.ts';
import { fromMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { parseTaskReport, type TaskReport } from '@transcodeflow/shared/contracts/task-reports.ts';
import { versionIn } from '@transcodeflow/shared/contracts/versions/data-schema.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { CommandHandler } from '../command-handler.ts';
import type { TaskCommand } from '../job/commands.ts';
import { StaleAttemptError } from '../job/decide/attempt.ts';

interface Dependencies {
  commands: CommandHandler;
  bus: Bus;
  log: Logger;
}

/**
 * A worker's report becomes a command; what it may change is decided in the job's stream. A worker
 * that does not own what it reports about is told so: it stops, and sweeps its objects.
 */
export async function handleReport(
  { commands, bus, log }: Dependencies,
  message: IncomingMessage,
): Promise<void> {
  const { id, type, data, dataschema, correlationid, traceparent } = fromMessage(message);
  const report = parseTaskReport(type, data, versionIn(dataschema));
  const { job_id, task_id, epoch, worker_id } = report.data;
  const metadata = { correlation_id: correlationid ?? id, causation_id: id, traceparent };
  try {
    await commands.execute(job_id, commandFor(report), metadata);
  } catch (error) {
    if (!(error instanceof StaleAttemptError)) throw error;
    log.info({ job_id, task_id, epoch, worker_id, report: type, reason: error.message }, 'refused a report');
    await bus.publish([attemptRefused({ job_id, task_id, epoch, worker_id, reason: error.message }, id)]);
  }
}

function commandFor(report: TaskReport): TaskCommand {
  switch (report.type) {
    case 'TaskStarted':
      return { type: 'StartTask', data: withoutJob(report.data) };
    case 'TaskSucceeded':
      return { type: 'SucceedTask', data: withoutJob(report.data) };
    case 'TaskFailed':
      return { type: 'FailTask', data: withoutJob(report.data) };
    case 'AccelerationDegraded':
      return { type: 'DegradeTask', data: withoutJob(report.data) };
  }
}

function withoutJob<T extends { job_id: string }>({ job_id: _, ...data }: T): Omit<T, 'job_id'> {
  return data;
}
