import test from 'ava';
import { Client } from 'pg';
import { testDatabase } from './postgres.ts';

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const names = 'SELECT datname FROM pg_database WHERE datname = current_database()';

test('each test gets an empty database of its own, in UTF-8 and sorted by code points', async (t) => {
  const [one, other] = await Promise.all([testDatabase(t), testDatabase(t)]);
  await query(one, 'CREATE TABLE place (name text)');
  await query(one, "INSERT INTO place VALUES ('ä'), ('Z'), ('a')");
  t.deepEqual(await query(one, 'SELECT name FROM place ORDER BY name'), [
    { name: 'Z' },
    { name: 'a' },
    { name: 'ä' },
  ]);
  await t.throwsAsync(query(other, 'SELECT * FROM place'), { message: /relation "place" does not exist/ });
  t.notDeepEqual(await query(one, names), await query(other, names));
});

test('the database is dropped at the end, also with a connection still open', async (t) => {
  const releases: (() => Promise<void>)[] = [];
  const url = await testDatabase({ teardown: (release) => releases.push(release) });
  const client = new Client({ connectionString: url });
  const cut = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  for (const release of releases) await release();
  await cut;
  await t.throwsAsync(query(url, 'SELECT 1'), { message: /database .* does not exist/ });
});
