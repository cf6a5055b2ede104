import { parseJobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import { jobStream } from '@transcodeflow/shared/contracts/routing.ts';
import {
  type EventMetadata,
  type EventStore,
  RevisionConflictError,
  type StoredEvent,
} from '@transcodeflow/shared/event-store/event-store.ts';
import type { JobCommand } from './job/commands.ts';
import { decide } from './job/decide.ts';
import { evolve } from './job/evolve.ts';
import type { JobState } from './job/state.ts';

/** Every conflict means that somebody else got ahead, so this many in a row are a fault, not a race. */
const MOST_CONFLICTS = 50;

export interface Executed {
  /** Nothing, where the command changed nothing. */
  events: StoredEvent[];
  /** After the command. */
  state: JobState;
  /** Of the stream after the command. */
  revision: number;
}

export interface CommandHandler {
  /**
   * Reads the job's stream, decides, appends with the expected revision; decides anew on a conflict.
   * @throws {AppError} a refused client's command
   * @throws {StaleAttemptError} a refused report
   */
  execute(jobId: string, command: JobCommand, metadata: EventMetadata): Promise<Executed>;
  load(jobId: string): Promise<{ state: JobState; revision: number }>;
}

export function createCommandHandler(store: EventStore): CommandHandler {
  async function load(jobId: string) {
    const stored = await store.read(jobStream(jobId));
    const state = stored.reduce<JobState>(
      (folded, { type, data, version }) => evolve(folded, parseJobEvent(type, data, version)),
      undefined,
    );
    return { state, revision: stored.at(-1)?.revision ?? 0 };
  }

  async function execute(jobId: string, command: JobCommand, metadata: EventMetadata): Promise<Executed> {
    for (let conflicts = 0; ; conflicts += 1) {
      const { state, revision } = await load(jobId);
      const decided = decide(command, state, { now: new Date(), jitter: Math.random() });
      if (decided.length === 0) return { events: [], state, revision };
      try {
        const events = await store.append(jobStream(jobId), revision, decided, metadata);
        return { events, state: decided.reduce<JobState>(evolve, state), revision: revision + events.length };
      } catch (error) {
        if (!(error instanceof RevisionConflictError) || conflicts === MOST_CONFLICTS) throw error;
      }
    }
  }

  return { execute, load };
}
