import { MultiBar, type SingleBar } from 'cli-progress';
import type { JobView } from './client.ts';

/** Live bars, one per task, on a terminal; a line whenever a task changes, elsewhere. */
export function createProgressBars(stream: NodeJS.WriteStream): { show(job: JobView): void; stop(): void } {
  const bars = new Map<string, SingleBar>();
  const last = new Map<string, string>();
  const multi = stream.isTTY
    ? new MultiBar({
        stream,
        hideCursor: true,
        clearOnComplete: false,
        format: '  {task} {bar} {percentage}% {note}',
        barsize: 30,
      })
    : undefined;
  return {
    show(job) {
      for (const task of job.tasks) {
        const note = noteOf(task);
        if (multi) {
          const bar = bars.get(task.task_id) ?? multi.create(100, 0, { task: task.task_id.padEnd(10), note });
          bars.set(task.task_id, bar);
          bar.update(task.progress, { note });
        } else {
          const line = `${task.task_id}: ${task.status}${task.attempts > 1 ? ` (attempt ${task.attempts})` : ''}`;
          if (last.get(task.task_id) !== line && task.status !== 'pending') stream.write(`  ${line}\n`);
          last.set(task.task_id, line);
        }
      }
    },
    stop: () => multi?.stop(),
  };
}

function noteOf({ status, attempts, speed, eta_s }: JobView['tasks'][number]): string {
  if (status !== 'running') return status;
  const parts = [
    speed === undefined ? '' : `${speed.toFixed(1)}x`,
    eta_s === undefined ? '' : `${Math.ceil(eta_s)} s left`,
    attempts > 1 ? `attempt ${attempts}` : '',
  ];
  return parts.filter(Boolean).join(', ') || status;
}
