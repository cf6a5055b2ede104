import { parseJobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import type { EventStore } from '@transcodeflow/shared/event-store/event-store.ts';
import { createHandler, type Executed as ExecutedOf, type Handler } from './decider.ts';
import type { JobCommand } from './job/commands.ts';
import { decide } from './job/decide.ts';
import { evolve } from './job/evolve.ts';
import type { Job } from './job/state.ts';

/** Of jobs; `execute` throws a StaleAttemptError too, for a refused report. */
export type CommandHandler = Handler<JobCommand, Job>;

export type Executed = ExecutedOf<Job>;

/** @param chunk_s seconds of a chunk of a long video; absent: videos are encoded whole */
export const createCommandHandler = (store: EventStore, chunk_s?: number): CommandHandler =>
  createHandler(store, {
    stream: jobStream,
    parse: parseJobEvent,
    decide: (command, state) => decide(command, state, { now: new Date(), jitter: Math.random(), chunk_s }),
    evolve,
  });
