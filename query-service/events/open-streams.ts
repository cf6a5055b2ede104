import type { ServerResponse } from 'node:http';
import { AppError } from '@transcodeflow/shared/errors.ts';
import type { KeyRing } from '@transcodeflow/shared/http/api-keys.ts';
import type { Identity } from '@transcodeflow/shared/http/app-state.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { createEventStream, type EventStream } from './event-stream.ts';

/** A stream takes some 20 KB. */
const MOST_STREAMS = 10_000;
const MOST_STREAMS_PER_ACCOUNT = 2_000;
const HEARTBEAT_MS = 15_000;

export interface OpenStreams {
  /** @throws {AppError} 503 where there are too many, or the service stops */
  open(response: ServerResponse, caller: { key: string; identity: Identity }): EventStream;
  readonly size: number;
  /** Ends every stream; from now on none is opened. */
  close(): void;
}

interface Open {
  stream: EventStream;
  key: string;
  accountId: string;
}

/** All streams of this service. A heartbeat keeps each alive, finds out who is gone, and asks whether its key still counts. */
export function createOpenStreams(
  keys: KeyRing,
  log: Logger,
  heartbeatMs: number = HEARTBEAT_MS,
): OpenStreams {
  const all = new Set<Open>();
  const perAccount = new Map<string, number>();
  let closed = false;

  const isPermitted = async (key: string, accountId: string): Promise<boolean> => {
    const identity = await keys.identify(key);
    return identity?.account_id === accountId && identity.scopes.has('read');
  };

  let checking = false;
  async function endRevoked(): Promise<void> {
    if (checking) return;
    checking = true;
    const answers = new Map<string, boolean>();
    for (const { stream, key, accountId } of [...all]) {
      // A ring that cannot be asked right now refuses nobody who was let in: the next heartbeat asks again.
      const permitted = answers.get(key) ?? (await isPermitted(key, accountId).catch(() => true));
      answers.set(key, permitted);
      if (!permitted) stream.end();
    }
    checking = false;
  }
  const timer = setInterval(() => {
    for (const { stream } of [...all]) stream.beat();
    void endRevoked();
  }, heartbeatMs);
  timer.unref();

  return {
    open(response, { key, identity: { account_id: accountId } }) {
      const ofAccount = perAccount.get(accountId) ?? 0;
      if (closed || all.size >= MOST_STREAMS || ofAccount >= MOST_STREAMS_PER_ACCOUNT)
        throw new AppError('unavailable', 'There are too many open event streams: close some or try again');
      const stream = createEventStream(response, () =>
        log.info({ account_id: accountId }, 'cut off an event stream whose client was too slow'),
      );
      const open = { stream, key, accountId };
      all.add(open);
      perAccount.set(accountId, ofAccount + 1);
      stream.onEnd(() => {
        all.delete(open);
        const left = (perAccount.get(accountId) ?? 1) - 1;
        if (left > 0) perAccount.set(accountId, left);
        else perAccount.delete(accountId);
      });
      return stream;
    },
    get size() {
      return all.size;
    },
    close() {
      closed = true;
      clearInterval(timer);
      for (const { stream } of [...all]) stream.end();
    },
  };
}
