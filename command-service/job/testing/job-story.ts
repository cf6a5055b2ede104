import type { JobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { MediaInfo } from '@transcodeflow/shared/contracts/media.ts';
import { attemptPrefix } from '@transcodeflow/shared/objects/keys.ts';
import {
  sampleMedia,
  sampleRef,
  sampleRequest,
  sampleResult,
} from '@transcodeflow/shared/testing/job-samples.ts';
import type { JobCommand } from '../commands.ts';
import { decide } from '../decide.ts';
import type { JobState } from '../state.ts';
import { fold, NOW } from './given.ts';

export const JOB = '019b7a11-7000-7000-8000-00000000000a';
export const WORKER = 'worker-1';

type Task = string;

/** A history that grows by commands; its events are what the specs start from. */
export interface Story {
  events: JobEvent[];
  state: () => JobState;
  /** Decides and keeps the events. */
  does(command: JobCommand): Story;
  start(task: Task, worker?: string): Story;
  succeed(task: Task, worker?: string): Story;
  fail(task: Task, error?: Partial<typeof FAILURE>, worker?: string): Story;
  lose(task: Task): Story;
  retry(task: Task): Story;
}

export const FAILURE = { code: 'ffmpeg_failed', message: 'The video could not be encoded', retryable: true };

export const request = (changes: Parameters<typeof sampleRequest>[1] = {}): JobCommand => ({
  type: 'RequestJob',
  data: { job_id: JOB, ...sampleRequest(JOB, changes) },
});
export const withThumbnail = { thumbnail: sampleRef(`jobs/${JOB}/thumbnail`, 5_000, 'image/png') };

export const SOURCE_URL = 'https://videos.example/holiday.mp4';
export const byUrl = { source: { url: SOURCE_URL, most_bytes: 20_000_000 } };

/** A story from the job's request on. */
export function story(
  changes: Parameters<typeof sampleRequest>[1] = {},
  media: MediaInfo = sampleMedia(),
): Story {
  const build = (events: JobEvent[]): Story => {
    const state = () => fold(events);
    const task = (id: Task) => {
      const found = state()?.tasks[id];
      if (!found) throw new Error(`no task ${id} in this story`);
      return found;
    };
    const does = (command: JobCommand) =>
      build([...events, ...decide(command, state(), { now: NOW, jitter: 0.5 })]);
    const owned = (id: Task, worker: string) => ({
      task_id: id,
      epoch: task(id).epoch,
      worker_id: worker,
      kind: id,
    });
    return {
      events,
      state,
      does,
      start: (id, worker = WORKER) => does({ type: 'StartTask', data: owned(id, worker) }),
      succeed: (id, worker = WORKER) => does(succeedCommand(state(), id, worker, media)),
      fail: (id, error = {}, worker = WORKER) =>
        does({
          type: 'FailTask',
          data: { ...owned(id, worker), error: { ...FAILURE, ...error }, commands: [] },
        }),
      lose: (id) =>
        does({ type: 'LoseTask', data: { task_id: id, epoch: task(id).epoch, reason: 'No heartbeat' } }),
      retry: (id) => does({ type: 'RetryTask', data: { task_id: id, epoch: task(id).epoch } }),
    };
  };
  return build([]).does(request(changes));
}

/** The report of a worker that did the task's current attempt. */
export function succeedCommand(
  state: JobState,
  id: Task,
  worker = WORKER,
  media: MediaInfo = sampleMedia(),
): JobCommand {
  const task = state?.tasks[id];
  if (!task) throw new Error(`no task ${id} in this job`);
  const result = sampleResult(task.spec, attemptPrefix(JOB, id, task.epoch, worker), media);
  return {
    type: 'SucceedTask',
    data: {
      task_id: id,
      epoch: task.epoch,
      worker_id: worker,
      kind: id,
      result,
      commands: [['ffmpeg']],
      wall_ms: 5,
    },
  };
}
