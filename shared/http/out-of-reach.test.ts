import test from 'ava';
import { openPool } from '../database/pool.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { isOutOfReach } from './out-of-reach.ts';

test('a server that is not there, closes, or is full is out of reach; a wrong statement is not', async (t) => {
  const url = 'postgres://127.0.0.1:1/none';
  const pool = openPool({ url, name: 'test', log: silentLogger });
  const refused = await t.throwsAsync(pool.query('SELECT 1'));
  await pool.end();
  t.true(isOutOfReach(refused));
  for (const code of ['57P01', '53300', '08006'])
    t.true(isOutOfReach(Object.assign(new Error('told by the server'), { code })), code);
  for (const code of ['23505', '42601', '40001'])
    t.false(isOutOfReach(Object.assign(new Error('told by the server'), { code })), code);
  t.true(isOutOfReach(new Error('Connection terminated due to connection timeout')));
  t.false(isOutOfReach('Connection terminated'));
});
