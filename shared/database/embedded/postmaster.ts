import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Logger } from '../../telemetry/logger.ts';
import { lastLines, type ServerContext, spawnProgram } from './server-process.ts';
import { serverSettings } from './server-settings.ts';
import { stopBySignals } from './stop-by-signals.ts';
import { refStream, unrefStream, watchOver } from './watchdog.ts';

export interface Postmaster {
  port: number;
  /** Resolves with the reason when the server ends without `close()`. */
  lost: Promise<Error>;
  close(): Promise<void>;
}

interface PostmasterOptions {
  cluster: string;
  log: Logger;
  /** The folder to remove when Node ends: the database is a temporary one. */
  discard?: string;
}

/** The server refused to start; `transient` where another try may succeed. */
class StartError extends Error {
  readonly transient: boolean;
  constructor(cluster: string, lines: string[]) {
    super(`PostgreSQL does not start on ${cluster}:\n${lines.join('\n')}`);
    // Another process took the port just now, or backends of a killed server are still ending.
    this.transient = lines.some((line) => /could not bind|shared memory block .* still in use/.test(line));
  }
}

/** Starts the server on a free port and waits until it takes connections, recovery included. */
export async function startPostmaster(
  context: ServerContext,
  options: PostmasterOptions,
): Promise<Postmaster> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(context, options, await freePort());
    } catch (error) {
      if (!(error instanceof StartError && error.transient) || attempt === 5) throw error;
      options.log.debug({ attempt }, error.message);
    }
  }
}

async function start(context: ServerContext, options: PostmasterOptions, port: number): Promise<Postmaster> {
  const { cluster, log, discard } = options;
  const settings = serverSettings(port, discard !== undefined);
  const child = await spawnProgram(context, 'postgres', cluster, (folder) => ['-D', folder, ...settings]);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const { promise: ready, resolve: isReady } = Promise.withResolvers<true>();
  const lines = lastLines([child.stdout, child.stderr], (line) => {
    log.debug(line);
    if (line.includes('database system is ready to accept connections')) isReady(true);
  });
  child.once('error', (error) => lines().push(error.message));
  child.stdin.on('error', () => {}).end();
  if (child.pid === undefined) throw new StartError(cluster, [(await once(child, 'error')).join()]);
  const watchdog = watchOver(child.pid, discard === undefined ? 'INT' : 'QUIT', discard);
  if (!(await Promise.race([ready, ended]))) {
    await watchdog.close();
    throw new StartError(cluster, lines());
  }
  // A process with nothing else to do may end: the watchdog then stops the server.
  for (const handle of [child, child.stdout, child.stderr]) unrefStream(handle);
  let closing: Promise<void> | undefined;
  const close = async () => {
    for (const handle of [child, child.stdout, child.stderr]) refStream(handle);
    const within = (timeout: number) => settlesWithin(ended, timeout);
    await stopBySignals((signal) => child.kill(signal), within, discard === undefined ? 'SIGINT' : 'SIGQUIT');
    await watchdog.close();
  };
  const lost = new Promise<Error>((resolve) => {
    void ended.then(() => {
      if (!closing) resolve(new Error(`PostgreSQL ended by itself:\n${lines().join('\n')}`));
    });
  });
  return {
    port,
    lost,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port of 127.0.0.1 is free');
  return address.port;
}

async function settlesWithin(promise: Promise<void>, timeout: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), timeout);
  const settled = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return settled;
}
