import {
  type EventMetadata,
  type EventStore,
  type NewEvent,
  RevisionConflictError,
  type StoredEvent,
} from '@transcodeflow/shared/event-store/event-store.ts';

/** Every conflict means that somebody else got ahead, so this many in a row are a fault, not a race. */
const MOST_CONFLICTS = 50;

/** A domain slice: what its streams are called, and how commands become events and events a state. */
export interface Decider<C, S, E extends NewEvent> {
  stream(id: string): string;
  /** Reads an event back in its current version. */
  parse(type: string, data: unknown, version: number): E;
  /** Nothing, where the command changes nothing. @throws {AppError} a command that is refused */
  decide(command: C, state: S | undefined): E[];
  evolve(state: S | undefined, event: E): S | undefined;
}

export interface Executed<S> {
  /** Nothing, where the command changed nothing. */
  events: StoredEvent[];
  /** After the command. */
  state: S | undefined;
  /** Of the stream after the command. */
  revision: number;
}

export interface Handler<C, S> {
  /**
   * Reads the stream, decides, appends with the expected revision; decides anew on a conflict.
   * @throws {AppError} a command that is refused
   */
  execute(id: string, command: C, metadata: EventMetadata): Promise<Executed<S>>;
  load(id: string): Promise<{ state: S | undefined; revision: number }>;
}

export function createHandler<C, S, E extends NewEvent>(
  store: EventStore,
  { stream, parse, decide, evolve }: Decider<C, S, E>,
): Handler<C, S> {
  async function load(id: string) {
    const stored = await store.read(stream(id));
    const state = stored.reduce<S | undefined>(
      (folded, { type, data, version }) => evolve(folded, parse(type, data, version)),
      undefined,
    );
    return { state, revision: stored.at(-1)?.revision ?? 0 };
  }

  async function execute(id: string, command: C, metadata: EventMetadata): Promise<Executed<S>> {
    for (let conflicts = 0; ; conflicts += 1) {
      const { state, revision } = await load(id);
      const decided = decide(command, state);
      if (decided.length === 0) return { events: [], state, revision };
      try {
        const events = await store.append(stream(id), revision, decided, metadata);
        return {
          events,
          state: decided.reduce<S | undefined>(evolve, state),
          revision: revision + events.length,
        };
      } catch (error) {
        if (!(error instanceof RevisionConflictError) || conflicts === MOST_CONFLICTS) throw error;
      }
    }
  }

  return { execute, load };
}
