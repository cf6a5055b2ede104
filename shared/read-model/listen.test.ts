import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import test from 'ava';
import { Client } from 'pg';
import { silentLogger } from '../telemetry/logger.ts';
import { testDatabase } from '../testing/postgres.ts';
import { until } from '../testing/until.ts';
import { listenToReadModel } from './listen.ts';

test('a listener that is closed while it connects again leaves no connection behind', async (t) => {
  const database = new URL(await testDatabase(t));
  const sockets: Socket[] = [];
  const goOn = Promise.withResolvers<void>();
  const proxy = createServer((socket) => {
    const isFirst = sockets.push(socket) === 1;
    socket.on('error', () => {});
    void (isFirst ? Promise.resolve() : goOn.promise).then(() => {
      const server = connect(Number(database.port), database.hostname);
      server.on('error', () => socket.destroy());
      socket.on('close', () => server.destroy());
      socket.pipe(server).pipe(socket);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const url = new URL(database);
  url.hostname = '127.0.0.1';
  url.port = String((proxy.address() as AddressInfo).port);
  const listener = await listenToReadModel({ url: url.href, log: silentLogger, onChange: () => {} });
  sockets[0]?.destroy();
  await until('it connects again', () => sockets.length === 2);
  const closed = listener.close();
  goOn.resolve();
  await closed;
  const client = new Client({ connectionString: database.href });
  await client.connect();
  await until('its connections are gone', async () => {
    const { rowCount } = await client.query(
      `select from pg_stat_activity where datname = current_database() and application_name = 'transcodeflow listener'`,
    );
    return rowCount === 0;
  });
  await client.end();
  t.pass();
});
