import {
  BACKWARDS,
  type Credentials,
  END,
  type EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
} from '@eventstore/db-client';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { collect } from './collect.ts';
import { isStreamNotFound, isWrongExpectedVersion } from './errors.ts';

const TYPE = 'PositionReached';
const Data = z.object({ position: z.string().regex(/^\d+$/) });
/** Only the newest counts; the server drops older ones when it scavenges. */
const KEPT = 10;

/** Somebody else has taken the checkpoint over: whoever gets this must stop what it was doing. */
export class CheckpointLostError extends Error {
  override name = 'CheckpointLostError';
}

/** How far a consumer of `$all` has come, in a stream of its own. */
export interface Checkpoint {
  /** Everything up to this position is done; `undefined`: nothing yet. */
  readonly position: bigint | undefined;
  /** @throws {CheckpointLostError} when another one has claimed it since */
  save(position: bigint): Promise<void>;
}

type Call = <T>(call: () => Promise<T>) => Promise<T>;

/**
 * Reads the checkpoint and claims it by appending it anew: every save names the revision of the one before, so
 * whoever held it until now is refused at its next save. That is the fence.
 * @param singly see `appendSingly`
 * @param call repeats what fails transiently, which is harmless: each append keeps its event's id
 */
export async function claimCheckpoint(
  client: EventStoreDBClient,
  name: string,
  call: Call,
  singly: { credentials?: Credentials },
): Promise<Checkpoint> {
  const stream = `transcodeflow-checkpoint-${name}`;
  const last = await call(() => readLast(client, stream));
  if (!last)
    await call(() =>
      client.setStreamMetadata(stream, { maxCount: KEPT }, { requiresLeader: true, ...singly }),
    );
  let revision: bigint | typeof NO_STREAM = last?.revision ?? NO_STREAM;
  let position = last?.position;

  async function append(data: { position?: string }): Promise<void> {
    const event = jsonEvent({ id: uuidv7(), type: TYPE, data });
    const expectedRevision = revision;
    try {
      const { nextExpectedRevision } = await call(() =>
        client.appendToStream(stream, event, { expectedRevision, requiresLeader: true, ...singly }),
      );
      revision = nextExpectedRevision;
    } catch (error) {
      if (!isWrongExpectedVersion(error)) throw error;
      throw new CheckpointLostError(`Another relay has taken over ${stream}`, { cause: error });
    }
  }

  await append(position === undefined ? {} : { position: position.toString() });
  return {
    get position() {
      return position;
    },
    async save(reached) {
      await append({ position: reached.toString() });
      position = reached;
    },
  };
}

async function readLast(client: EventStoreDBClient, stream: string) {
  try {
    const events = client.readStream(stream, {
      direction: BACKWARDS,
      fromRevision: END,
      maxCount: 1,
      requiresLeader: true,
    });
    const [event] = await collect(events);
    if (!event) return undefined;
    const data = Data.safeParse(event.data);
    return { revision: event.revision, position: data.success ? BigInt(data.data.position) : undefined };
  } catch (error) {
    if (isStreamNotFound(error)) return undefined;
    throw error;
  }
}
