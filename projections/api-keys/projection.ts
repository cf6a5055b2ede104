import type { AccountEventEnvelope } from '@transcodeflow/shared/contracts/account-event-envelope.ts';
import type { AccountEventOf } from '@transcodeflow/shared/contracts/account-events.ts';
import { apiKeyStream } from '@transcodeflow/shared/contracts/routing.ts';
import type { PoolClient } from 'pg';
import { accountEvents } from '../projector/event-family.ts';
import type { Projection } from '../projector/projection.ts';
import { isNext } from '../projector/revision-guard.ts';

/** API keys with their digests, for the services' key rings and for `GET /api/keys`. */
export const apiKeysProjection: Projection<AccountEventEnvelope> = {
  name: 'api_keys',
  version: 1,
  family: accountEvents,
  reached: (schema) => `select id, revision from ${schema}.api_key`,
  stream: apiKeyStream,
  table: new URL('./table.sql', import.meta.url),
  async apply(client, batch) {
    const events = batch.filter(({ event }) => event.type.startsWith('ApiKey'));
    const reached = await readRevisions(client, [...new Set(events.map(({ subject }) => subject))]);
    const changed = new Map<string, number>();
    // One by one: keys are made and revoked by people, and a rebuild of ten thousand takes seconds.
    for (const envelope of events) {
      const { subject, revision } = envelope;
      if (!isNext('api_keys', reached.get(subject) ?? 0, envelope)) continue;
      await applyOne(client, envelope);
      reached.set(subject, revision);
      changed.set(subject, revision);
    }
    return [...changed];
  },
};

async function readRevisions(client: PoolClient, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; revision: number }>(
    'select id, revision from api_key where id = any($1::uuid[])',
    [ids],
  );
  return new Map(rows.map(({ id, revision }) => [id, revision]));
}

async function applyOne(client: PoolClient, { event, revision, time }: AccountEventEnvelope): Promise<void> {
  switch (event.type) {
    case 'ApiKeyCreated':
      return insert(client, event.data, revision, time);
    case 'ApiKeyRevoked':
      await client.query('update api_key set revoked_at = $2, revision = $3 where id = $1', [
        event.data.id,
        time,
        revision,
      ]);
  }
}

async function insert(
  client: PoolClient,
  key: AccountEventOf<'ApiKeyCreated'>['data'],
  revision: number,
  time: string,
): Promise<void> {
  await client.query(
    `insert into api_key (id, account_id, revision, name, prefix, hash, scopes, storage_quota_bytes, rate_limit,
       priority, expires_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      key.id,
      key.account_id,
      revision,
      key.name,
      key.prefix,
      key.hash,
      key.scopes,
      key.storage_quota_bytes,
      key.rate_limit,
      key.priority,
      key.expires_at,
      time,
    ],
  );
}
