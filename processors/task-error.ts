import type { TaskErrorInfo } from '@transcodeflow/shared/contracts/task-error.ts';

/** A failure with a cause that someone can act on. Any other error counts as retryable and internal. */
export class TaskError extends Error {
  override name = 'TaskError';
  readonly info: TaskErrorInfo;
  constructor(info: TaskErrorInfo, options?: ErrorOptions) {
    super(info.message, options);
    this.info = info;
  }
}
