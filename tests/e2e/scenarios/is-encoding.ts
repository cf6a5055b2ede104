/** A job whose encode is under way and has produced something. */
export const isEncoding = (job: { tasks: { kind: string; progress: number; status: string }[] }): boolean =>
  job.tasks.some(({ kind, progress, status }) => kind === 'encode' && status === 'running' && progress > 0);
