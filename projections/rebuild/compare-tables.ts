import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { type CanonicalRow, canonicalRows } from './canonical-rows.ts';

export interface Comparison {
  /** SHA-256 over the canonical rows of all tables. */
  live: string;
  fresh: string;
  equal: boolean;
  /** One sentence per table that differs. */
  differences: string[];
}

type Side = readonly [client: PoolClient, schema: string];

/**
 * Hashes the tables of both sides and names the first difference of each table. Memory stays flat.
 * @param without columns that do not count
 */
export async function compareTables(
  tables: readonly string[],
  live: Side,
  fresh: Side,
  without?: readonly string[],
): Promise<Comparison> {
  const hashes = { live: createHash('sha256'), fresh: createHash('sha256') };
  const differences: string[] = [];
  for (const table of tables) {
    const [left, right] = [canonicalRows(...live, table, without), canonicalRows(...fresh, table, without)];
    const counts = { live: 0, fresh: 0 };
    let first: string | undefined;
    for (;;) {
      const [one, other] = [await left.next(), await right.next()];
      if (one.value) {
        hashes.live.update(`${table} ${one.value.text}\n`);
        counts.live += 1;
      }
      if (other.value) {
        hashes.fresh.update(`${table} ${other.value.text}\n`);
        counts.fresh += 1;
      }
      if (!one.value && !other.value) break;
      if (first === undefined && one.value?.text !== other.value?.text)
        first = describe(one.value || undefined, other.value || undefined);
    }
    if (first !== undefined)
      differences.push(
        `table ${table}: ${counts.live} rows live, ${counts.fresh} rebuilt; first difference: ${first}`,
      );
  }
  const [liveHash, freshHash] = [hashes.live.digest('hex'), hashes.fresh.digest('hex')];
  return { live: liveHash, fresh: freshHash, equal: liveHash === freshHash, differences };
}

function describe(live: CanonicalRow | undefined, fresh: CanonicalRow | undefined): string {
  if (!live || !fresh || live.key !== fresh.key)
    return `live has ${live?.key ?? 'no more rows'}, rebuilt has ${fresh?.key ?? 'no more rows'}`;
  const [before, after] = [live.columns(), fresh.columns()];
  const names = Object.keys(after).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const values = names.map(
    (name) => `${name} is ${shorten(before[name])} live and ${shorten(after[name])} rebuilt`,
  );
  return `${live.key}: ${values.join('; ') || 'the same values, written differently'}`;
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
