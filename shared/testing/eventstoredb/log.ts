/** A record of the log, with its data as bytes. */
export interface LogRecord {
  stream: string;
  /** From 0. */
  revision: number;
  position: bigint;
  id: string;
  metadata: [string, string][];
  customMetadata: Uint8Array;
  data: Uint8Array;
}

export type Proposed = Pick<LogRecord, 'id' | 'metadata' | 'customMetadata' | 'data'>;
/** A revision from 0, or how the stream has to be. */
export type Expected = bigint | 'no_stream' | 'any' | 'stream_exists';
export type Appended = { ok: true; last: LogRecord } | { ok: false; current: number | undefined };

/** Milliseconds between year 1 and 1970; .NET counts 100 ns ticks from year 1, EventStoreDB sends those since 1970. */
const TICKS_PER_MS = 10_000n;

/**
 * EventStoreDB's rules of appending, in memory: expected revisions, all or nothing, and the idempotence by event
 * ids: what is already stored at the place it is proposed for is a success.
 */
export class EventLog {
  readonly records: LogRecord[] = [];
  readonly #waiting = new Set<() => void>();
  #position = 0n;

  stream(name: string): LogRecord[] {
    return this.records.filter((record) => record.stream === name);
  }

  append(stream: string, expected: Expected, proposed: readonly Proposed[]): Appended {
    const existing = this.stream(stream);
    const current = existing.length - 1;
    const wanted = typeof expected === 'bigint' ? Number(expected) : expected === 'no_stream' ? -1 : current;
    if (wanted !== current || (expected === 'stream_exists' && current < 0)) {
      const there = existing.slice(wanted + 1, wanted + 1 + proposed.length);
      const last = there.at(-1);
      const same = there.length === proposed.length && there.every(({ id }, n) => id === proposed[n]?.id);
      return last && same ? { ok: true, last } : { ok: false, current: current < 0 ? undefined : current };
    }
    const created = (BigInt(Date.now()) * TICKS_PER_MS).toString();
    for (const [index, event] of proposed.entries()) {
      // A place in a file: it grows by the size of what lies before.
      this.#position += BigInt(100 + event.data.length);
      this.records.push({
        ...event,
        stream,
        revision: current + 1 + index,
        position: this.#position,
        metadata: [...event.metadata, ['created', created]],
      });
    }
    for (const wake of this.#waiting) wake();
    const last = this.records.at(-1);
    if (!last) throw new Error('Nothing was proposed');
    return { ok: true, last };
  }

  /** Resolves at the next append, or when aborted. */
  appended(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }
}
