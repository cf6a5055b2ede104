import type { IncomingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { fromMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { parseTaskReport, type TaskReport } from '@transcodeflow/shared/contracts/task-reports.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import type { CommandHandler } from '../command-handler.ts';
import type { TaskCommand } from '../job/commands.ts';
import { StaleAttemptError } from '../job/decide/attempt.ts';

/** A worker's report becomes a command; what it may change is decided in the job's stream. */
export async function handleReport(commands: CommandHandler, log: Logger, message: IncomingMessage): Promise<void> {
  const { id, type, data, correlationid, traceparent } = fromMessage(message);
  const report = parseTaskReport(type, data);
  const { job_id, task_id, epoch, worker_id } = report.data;
  const metadata = { correlation_id: correlationid ?? id, causation_id: id, traceparent };
  try {
    await commands.execute(job_id, commandFor(report), metadata);
  } catch (error) {
    if (!(error instanceof StaleAttemptError)) throw error;
    log.info({ job_id, task_id, epoch, worker_id, report: type, reason: error.message }, 'refused a report');
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
