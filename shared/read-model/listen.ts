import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../telemetry/logger.ts';
import { type Change, decodeNotice, READ_MODEL_CHANNEL, type ReadModelName } from './channel.ts';

export interface ReadModelListener {
  /** Whether changes are heard of right now; while not, nothing that is remembered may be trusted. */
  connected(): boolean;
  close(): Promise<void>;
}

export interface ListenOptions {
  url: string;
  log: Logger;
  onChange(readModel: ReadModelName, change: Change): void;
  /** Changes may have been missed: called at each connect, before the first change is heard. */
  onGap?(): void;
}

const LONGEST_BACKOFF_MS = 2_000;

/** Hears of every change of the read models; connects again when the connection is lost. */
export async function listenToReadModel(options: ListenOptions): Promise<ReadModelListener> {
  const closing = new AbortController();
  let connection = await connect(options);
  let connected = true;

  async function keepConnected(): Promise<void> {
    for (let failures = 0; ; ) {
      await connection.ended;
      connected = false;
      if (closing.signal.aborted) return;
      await sleep(Math.min(LONGEST_BACKOFF_MS, 50 * 2 ** failures), undefined, {
        signal: closing.signal,
      }).catch(() => {});
      if (closing.signal.aborted) return;
      try {
        connection = await connect(options);
        // Closed meanwhile: `close` has ended the connection before this one.
        if (closing.signal.aborted) return await connection.end();
        connected = true;
        failures = 0;
      } catch (error) {
        failures += 1;
        options.log.warn({ err: error }, 'cannot hear of changes of the read model; trying again');
      }
    }
  }

  const kept = keepConnected();
  return {
    connected: () => connected,
    async close() {
      closing.abort();
      await connection.end();
      await kept;
    },
  };
}

interface Connection {
  /** Resolves when the connection is gone, whoever ended it. */
  ended: Promise<void>;
  end(): Promise<void>;
}

async function connect({ url, log, onChange, onGap }: ListenOptions): Promise<Connection> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'transcodeflow listener',
    keepAlive: true,
  });
  const ended = Promise.withResolvers<void>();
  client.on('end', () => ended.resolve());
  client.on('error', (error) => {
    log.warn({ err: error }, 'lost the connection that hears of changes of the read model');
    ended.resolve();
  });
  client.on('notification', ({ payload }) => {
    const { read_model, changes } = decodeNotice(payload ?? '');
    for (const change of changes) onChange(read_model, change);
  });
  try {
    await client.connect();
    await client.query(`listen ${READ_MODEL_CHANNEL}`);
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
  onGap?.();
  return { ended: ended.promise, end: () => client.end().catch(() => {}) };
}
