import {
  BACKWARDS,
  type Credentials,
  END,
  EventStoreDBClient,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { v7 as uuidv7 } from 'uuid';
import { ownStreams } from '../../contracts/routing.ts';
import { storedEventVersion } from '../../contracts/stored-event-contract.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { type EventStore, RevisionConflictError, type StoredEvent } from '../event-store.ts';
import { type Checkpoint, claimCheckpoint } from './checkpoint.ts';
import { collect } from './collect.ts';
import { describeError, isStreamNotFound, isWrongExpectedVersion, withoutSecrets } from './errors.ts';
import { createEventFeed, type EventFeed } from './event-feed.ts';
import { within, withRetries } from './retries.ts';
import {
  fromPosition,
  isOwn,
  type Recorded,
  toEventData,
  toExpectedRevision,
  toPosition,
  toStoredEvent,
} from './stored-form.ts';

const PING_MS = 5_000;
const CLOSE_MS = 2_000;
/** Events of a page of `$all`: as many as are read for one that passes the filter when the server's own abound. */
const LEAST_PAGE = 100;

/** The port, and what the relay needs of this store besides: it has no outbox. */
export interface EventStoreDb extends EventStore {
  /** Everything appended to this system's streams after the position, then what is appended from now on. */
  follow(after: bigint | undefined, buffered: number): EventFeed;
  /** The checkpoint of that name, claimed: whoever held it loses it. */
  claimCheckpoint(name: string): Promise<Checkpoint>;
}

/**
 * The event store over EventStoreDB 22.6 or newer, as `EVENTSTOREDB_URL` names it (`esdb://…`, `esdb+discover://…`).
 * Calls that fail because a node is away or no longer the leader are repeated with back-off for some 6 s; an append is
 * repeated with the same event ids, which EventStoreDB recognizes: it is stored once.
 * @throws {EventStoreDbError} when the server cannot be reached or refuses
 */
export async function openEventStoreDb(url: string, log: Logger): Promise<EventStoreDb> {
  const client = connect(url);
  const closing = new AbortController();
  const call = async <T>(request: () => Promise<T>): Promise<T> => withRetries(request, closing.signal);
  /** Appends and what they are decided on go to the leader: a follower may lag behind it. */
  const leader = { requiresLeader: true } as const;
  const singly = appendSingly(url);

  async function readStream(stream: string, from: number, most?: number): Promise<StoredEvent[]> {
    const reading = client.readStream(stream, {
      fromRevision: BigInt(from - 1),
      ...(most === undefined ? {} : { maxCount: most }),
      ...leader,
    });
    try {
      return (await collect(reading)).map(toStoredEvent);
    } catch (error) {
      if (isStreamNotFound(error)) return [];
      throw error;
    }
  }

  function readPage(from: bigint, maxCount: number): Promise<Recorded[]> {
    return collect(
      client.readAll({ fromPosition: from === 0n ? START : toPosition(from), maxCount, ...leader }),
    );
  }

  async function lastPosition(): Promise<bigint> {
    const [last] = await collect(
      client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1, ...leader }),
    );
    return last ? fromPosition(last.position) : 0n;
  }

  const store: EventStoreDb = {
    async append(stream, expected, events, metadata) {
      if (events.length === 0) return [];
      const data = events.map((event) =>
        toEventData(event, uuidv7(), storedEventVersion(event.type), metadata),
      );
      const expectedRevision = toExpectedRevision(expected);
      try {
        await call(() => client.appendToStream(stream, data, { expectedRevision, ...leader, ...singly }));
        // The answer of an append has neither the times nor the positions.
        return await call(() => readStream(stream, expected + 1, events.length));
      } catch (error) {
        if (isWrongExpectedVersion(error))
          throw new RevisionConflictError(stream, expected, { cause: error });
        throw describeError(error, url);
      }
    },

    async read(stream, from = 1) {
      return call(() => readStream(stream, from)).catch(rethrow);
    },

    async readAll(after, limit, upTo) {
      const found: StoredEvent[] = [];
      // A read begins with the event at the position; one more makes room for it.
      const maxCount = Math.max(limit, LEAST_PAGE) + 1;
      for (let from = after; ; ) {
        const page = await call(() => readPage(from, maxCount)).catch(rethrow);
        for (const event of page) {
          if (event.position && event.position.commit <= from && from !== 0n) continue;
          if (upTo !== undefined && event.position && event.position.commit > upTo) return found;
          if (isOwn(event)) found.push(toStoredEvent(event));
          if (found.length === limit) return found;
        }
        const last = page.at(-1)?.position?.commit;
        if (page.length < maxCount || last === undefined) return found;
        from = last;
      }
    },

    // The log is in the order of its commits and is read only up to what a majority has.
    async frontier() {
      return call(lastPosition).catch(rethrow);
    },

    async ping() {
      await within(lastPosition, PING_MS).catch(rethrow);
    },

    follow(after, buffered) {
      const subscription = client.subscribeToAll(
        {
          fromPosition: after === undefined ? START : toPosition(after),
          filter: streamNameFilter({ prefixes: [...ownStreams] }),
        },
        { highWaterMark: buffered },
      );
      return createEventFeed(subscription);
    },

    claimCheckpoint: (name) => claimCheckpoint(client, name, call, singly),

    async close() {
      closing.abort();
      // Its promise waits for streams that are gone already when a connection broke at the wrong moment.
      await within(() => client.dispose(), CLOSE_MS).catch(() => {});
    },
  };

  function rethrow(error: unknown): never {
    throw describeError(error, url);
  }

  await call(lastPosition).catch(async (error) => {
    await store.close();
    return rethrow(error);
  });
  log.info({ server: withoutSecrets(url) }, 'connected to EventStoreDB');
  return store;
}

function connect(url: string): EventStoreDBClient {
  try {
    return EventStoreDBClient.connectionString(url);
  } catch (error) {
    throw describeError(error, url);
  }
}

/**
 * Options that make the client send an append as a call of its own. Without credentials per call it sends them all
 * over one `BatchAppend` stream, and keeps those under way in one table per process: when the stream of any client
 * ends, db-client 6.2.1 rejects the appends of all, with that client's error. Over TLS without a user (client
 * certificates) there is no way around it.
 */
function appendSingly(url: string): { credentials?: Credentials } {
  const { username, password, search } = new URL(
    url.replace(/^esdb(\+discover)?:\/\/(?:([^@/]*)@)?[^/?]*/, 'http://$2@host'),
  );
  // Without TLS the client sends no credentials at all.
  if (/[?&]tls=false/i.test(search)) return { credentials: { username: 'none', password: 'none' } };
  return username
    ? { credentials: { username: decodeURIComponent(username), password: decodeURIComponent(password) } }
    : {};
}
