import type { JobDocument, TaskDocument } from '@transcodeflow/shared/contracts/job-document.ts';
import type { TaskProgress } from '@transcodeflow/shared/contracts/task-reports.ts';
import type { LiveProgress } from '../progress/live-progress.ts';

/** Shares of a job's work by kind of task, about as CPU time falls on them. */
const WEIGHTS: Readonly<Record<string, number>> = {
  // Little CPU, but a long way for the bytes.
  ingest: 20,
  inspect: 2,
  encode: 70,
  package: 3,
  thumbnail: 1,
  transcribe: 9,
  verify: 15,
};

/** Where a video is encoded in chunks, their gate is theirs. Together as much as what they stand for above. */
const CHUNKED: Readonly<Record<string, number>> = { encode: 2, 'encode-chunk': 78, stitch: 2, verify: 3 };

/** What each task of a kind weighs; chunks share the weight of all. */
function weighing(tasks: readonly TaskDocument[]): (kind: string) => number {
  const chunks = tasks.filter(({ kind }) => kind === 'encode-chunk').length;
  if (chunks === 0) return (kind) => WEIGHTS[kind] ?? 1;
  return (kind) => (CHUNKED[kind] ?? WEIGHTS[kind] ?? 1) / (kind === 'encode-chunk' ? chunks : 1);
}

export interface PresentedProgress {
  /** 0 to 100. */
  progress: number;
  tasks: (TaskDocument & Partial<Pick<TaskProgress, 'speed' | 'fps' | 'eta_s'>>)[];
}

/** Folds live heartbeats into a job's tasks, and the tasks into one figure that never reaches 100 before the end. */
export function presentProgress(document: JobDocument, live: Pick<LiveProgress, 'of'>): PresentedProgress {
  const tasks = document.tasks.map((task) => ({
    task,
    heartbeat: task.status === 'running' ? live.of(document.job_id, task.task_id, task.epoch) : undefined,
  }));
  const fraction = (status: TaskDocument['status'], running: number | undefined) =>
    status === 'succeeded' || status === 'failed' ? 1 : (running ?? 0);
  const weight = weighing(document.tasks);
  // Before the plan is there only the inspection is known: the rest counts as one default job.
  const planned = document.planned.length > 0 ? 0 : 98;
  const total = tasks.reduce((sum, { task }) => sum + weight(task.kind), planned);
  const done = tasks.reduce(
    (sum, { task, heartbeat }) => sum + weight(task.kind) * fraction(task.status, heartbeat?.fraction),
    0,
  );
  const percent = Math.min(99, Math.floor((100 * done) / Math.max(1, total)));
  return {
    progress: document.status === 'completed' ? 100 : percent,
    tasks: tasks.map(({ task, heartbeat }) => ({
      ...task,
      progress: Math.round(100 * (task.status === 'succeeded' ? 1 : (heartbeat?.fraction ?? 0))),
      ...(heartbeat ? { speed: heartbeat.speed, fps: heartbeat.fps, eta_s: heartbeat.eta_s } : {}),
    })),
  };
}
