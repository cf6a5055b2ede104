import { READ_MODEL_CHANNEL } from '@transcodeflow/shared/read-model/channel.ts';
import type { Pool, PoolClient } from 'pg';

export interface Place {
  projection: string;
  topic: string;
  partition: number;
}

/**
 * Another projector owns this partition by now, or the tables have become those of another version: whatever this one
 * has computed must not be written.
 */
export class StaleProjectorError extends Error {
  override name = 'StaleProjectorError';
  constructor({ projection, topic, partition }: Place) {
    super(
      `Projection ${projection} lost partition ${partition} of ${topic} to another projector, or its tables to another version`,
    );
  }
}

/** Takes a partition over for `owner` and answers the next offset to read; undefined where none was kept. */
export async function takeOver(pool: Pool, place: Place, owner: string): Promise<bigint | undefined> {
  const { rows } = await pool.query<{ next_offset: string | null }>(
    `insert into read_model.checkpoint (projection, topic, partition, owner) values ($1, $2, $3, $4)
     on conflict (projection, topic, partition) do update set owner = excluded.owner
     returning next_offset`,
    [place.projection, place.topic, place.partition, owner],
  );
  const offset = rows[0]?.next_offset;
  return offset === null || offset === undefined ? undefined : BigInt(offset);
}

/**
 * Moves the checkpoint in the transaction of the rows, and tells of them when it commits.
 * @param notices payloads for `READ_MODEL_CHANNEL`
 * @throws {StaleProjectorError} rolls that transaction back
 */
export async function advanceCheckpoint(
  client: PoolClient,
  place: Place,
  owner: string,
  version: string,
  next: bigint,
  notices: readonly string[],
): Promise<void> {
  const { rows } = await client.query<{ moved: boolean }>({
    name: 'advance checkpoint',
    text: `with moved as (
       update read_model.checkpoint set next_offset = $5, updated_at = now()
       where projection = $1 and topic = $2 and partition = $3 and owner = $4
         and exists (select from read_model.projection where name = $1 and version = $6)
       returning true
     )
     select true as moved, (select count(pg_notify($7, notice)) from unnest($8::text[]) as notice) from moved`,
    values: [
      place.projection,
      place.topic,
      place.partition,
      owner,
      next.toString(),
      version,
      READ_MODEL_CHANNEL,
      notices,
    ],
  });
  if (rows.length !== 1) throw new StaleProjectorError(place);
}
