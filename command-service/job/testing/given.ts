import { type JobEvent, parseJobEvent } from '@transcodeflow/shared/contracts/job-events.ts';
import type { ExecutionContext } from 'ava';
import type { Circumstances, JobCommand } from '../commands.ts';
import { decide } from '../decide.ts';
import { evolve } from '../evolve.ts';
import type { JobState } from '../state.ts';

/** The clock of the specs. */
export const NOW = new Date('2026-01-02T03:04:05.000Z');

export const fold = (events: readonly JobEvent[], state?: JobState): JobState =>
  events.reduce<JobState>(evolve, state);

/** Reads given(events).when(command).then(events): a spec of the decider, without store, clock or chance. */
export const given = (...history: (JobEvent | readonly JobEvent[])[]) => ({
  when(command: JobCommand, circumstances: Partial<Circumstances> = {}) {
    const state = fold(history.flat());
    const decided = () => decide(command, state, { now: NOW, jitter: 0.5, ...circumstances });
    return {
      events: decided,
      /** Each decided event holds what is expected of it, in this order, and nothing else was decided. */
      // biome-ignore lint/suspicious/noThenProperty: the word of the specs; nobody awaits this object.
      then(t: ExecutionContext, ...expected: readonly object[]): void {
        const events = decided();
        t.deepEqual(
          events.map(({ type }) => type),
          expected.map((event) => (event as JobEvent).type),
        );
        for (const [index, event] of events.entries()) {
          t.like(event, expected[index] as object);
          t.deepEqual(
            parseJobEvent(event.type, JSON.parse(JSON.stringify(event.data))),
            JSON.parse(JSON.stringify(event)),
            'the event can be read back',
          );
        }
      },
      thenNothing(t: ExecutionContext): void {
        t.deepEqual(decided(), []);
      },
      thenRefused(t: ExecutionContext, error: { code?: string; name?: string; message?: RegExp }): void {
        t.throws(decided, error);
      },
    };
  },
});
