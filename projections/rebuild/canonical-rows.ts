import type { PoolClient } from 'pg';

export interface CanonicalRow {
  /** The primary key, for people. */
  key: string;
  /** The whole row, the same text for the same content whatever the session's settings were. */
  text: string;
  columns(): Record<string, unknown>;
}

const PAGE = 1_000;

/**
 * A table's rows in the order of its primary key, byte by byte, a page at a time.
 * @param without columns that do not count
 */
export async function* canonicalRows(
  client: PoolClient,
  schema: string,
  table: string,
  without: readonly string[] = [],
): AsyncGenerator<CanonicalRow, undefined> {
  const relation = `${schema}."${table}"`;
  const { rows: keys } = await client.query<{ name: string; order: string }>(
    `select format('%I', attname) as name, format(case when attcollation = 0 then '%I' else '%I collate "C"' end, attname) as order
     from pg_index join pg_attribute on attrelid = indrelid and attnum = any(indkey)
     where indrelid = $1::regclass and indisprimary order by array_position(indkey::int2[], attnum)`,
    [relation],
  );
  const { rows: columns } = await client.query<{ name: string }>(
    `select format('%I', attname) as name from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attname <> all($2::text[]) order by attnum`,
    [relation, without],
  );
  if (keys.length === 0) throw new Error(`Table ${relation} needs a primary key to be compared`);
  const cursor = `"rows of ${table}"`;
  // `with hold`: outside a transaction too.
  await client.query(`set timezone to 'UTC'; set extra_float_digits to 1`);
  await client.query(
    `declare ${cursor} no scroll cursor with hold for
     select row_to_json(row)::text as text, concat_ws(', ', ${keys.map(({ name }) => `'${name}=' || row.${name}`).join(', ')}) as key
     from (select ${columns.map(({ name }) => name).join(', ')} from ${relation}) as row order by ${keys.map(({ order }) => `row.${order}`).join(', ')}`,
  );
  try {
    for (;;) {
      const { rows } = await client.query<{ text: string; key: string }>(`fetch ${PAGE} from ${cursor}`);
      for (const { text, key } of rows) yield { text, key, columns: () => JSON.parse(text) };
      if (rows.length < PAGE) return undefined;
    }
  } finally {
    await client.query(`close ${cursor}`);
  }
}
