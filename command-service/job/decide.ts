import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { Circumstances, JobCommand } from './commands.ts';
import { cancelJob } from './decide/cancel-job.ts';
import { degradeTask } from './decide/degrade-task.ts';
import { deleteJob } from './decide/delete-job.ts';
import { failTask } from './decide/fail-task.ts';
import { loseTask } from './decide/lose-task.ts';
import { redispatchTask } from './decide/redispatch-task.ts';
import { requestJob } from './decide/request-job.ts';
import { retryJob } from './decide/retry-job.ts';
import { retryTask } from './decide/retry-task.ts';
import { startTask } from './decide/start-task.ts';
import { succeedTask } from './decide/succeed-task.ts';
import type { JobState } from './state.ts';

/**
 * What follows from a command in a given state. Pure; an empty answer means that the command changes nothing
 * (it was carried out before).
 * @throws {AppError} a client's command that is refused
 * @throws {StaleAttemptError} a report by a worker that does not own the attempt
 */
export function decide(command: JobCommand, state: JobState, circumstances: Circumstances): JobEvent[] {
  switch (command.type) {
    case 'RequestJob':
      return requestJob(command.data, state, circumstances);
    case 'CancelJob':
      return cancelJob(command.data, state);
    case 'RetryJob':
      return retryJob(command.data, state);
    case 'DeleteJob':
      return deleteJob(command.data, state);
    case 'StartTask':
      return startTask(command.data, state);
    case 'SucceedTask':
      return succeedTask(command.data, state);
    case 'FailTask':
      return failTask(command.data, state, circumstances);
    case 'DegradeTask':
      return degradeTask(command.data, state);
    case 'LoseTask':
      return loseTask(command.data, state, circumstances);
    case 'RetryTask':
      return retryTask(command.data, state);
    case 'RedispatchTask':
      return redispatchTask(command.data, state);
    default:
      return command satisfies never;
  }
}
