import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CommandService } from '@transcodeflow/command-service/start.ts';
import type { QueryService } from '@transcodeflow/query-service/start.ts';
import { createApp } from '@transcodeflow/shared/http/app.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import test from 'ava';
import { createGateway } from './gateway.ts';

/** An application that answers everything with its name. */
function named(name: string): Pick<CommandService & QueryService, 'app' | 'checks'> {
  const app = createApp(silentLogger);
  app.use((ctx) => {
    ctx.set('X-Service', name);
    ctx.body = name;
  });
  return { app, checks: {} };
}

test('reads go to the queries, everything else and all about uploads and usage to the commands', async (t) => {
  const [commands, queries] = [named('commands') as CommandService, named('queries') as QueryService];
  const server = createServer(createGateway(commands, queries, silentLogger)).listen(0, '127.0.0.1');
  t.teardown(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const serviceOf = (method: string, path: string) =>
    new Promise((resolve, reject) => {
      request({ port, method, path }, (response) => {
        response.resume();
        resolve(response.headers['x-service']);
      })
        .on('error', reject)
        .end();
    });
  const id = '019b7a11-7000-7000-8000-0000000000ff';
  for (const [method, path, service] of [
    ['GET', '/api/jobs', 'queries'],
    ['HEAD', `/api/jobs/${id}/outputs/360p.mp4`, 'queries'],
    ['POST', '/api/jobs', 'commands'],
    ['DELETE', `/api/jobs/${id}`, 'commands'],
    ['HEAD', `/api/uploads/${id}`, 'commands'],
    ['GET', `/api/uploads/${id}?x=1`, 'commands'],
    ['OPTIONS', '/api/uploads', 'commands'],
    ['PATCH', `/api/uploads/${id}`, 'commands'],
    ['GET', '/api/usage', 'commands'],
    ['GET', '/api/usage?x', 'commands'],
    ['GET', '/api/uploadsandmore', 'queries'],
    ['GET', '/api/upload', 'queries'],
  ] as const)
    t.is(await serviceOf(method, path), service, `${method} ${path}`);
});
