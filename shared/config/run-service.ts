import { createLogger, type Logger } from '../telemetry/logger.ts';
import { ConfigurationError, readEnvironment } from './read-environment.ts';
import { logSettings } from './settings.ts';

/** Longest clean shutdown; after that the process ends as it is. */
const SHUTDOWN_MS = 25_000;

/**
 * Runs a service until SIGTERM or SIGINT: starts it, closes it cleanly, ends the process. A wrong configuration is
 * told in plain words (exit 78, `EX_CONFIG` of sysexits.h); a second signal ends the process at once.
 */
export async function runService(
  name: string,
  start: (log: Logger) => Promise<{ close(): Promise<void> }>,
): Promise<void> {
  try {
    const log = createLogger(name, readEnvironment(logSettings).LOG_LEVEL);
    const stopped = stopSignal();
    const service = await start(log);
    log.info({ signal: await stopped }, 'stopping');
    setTimeout(() => {
      log.error('the clean shutdown took too long');
      process.exit(1);
    }, SHUTDOWN_MS).unref();
    await service.close();
    log.info('stopped');
    process.exit(0);
  } catch (error) {
    if (error instanceof ConfigurationError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(78);
    }
    process.stderr.write(
      `${name} could not go on: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  }
}

/** The first SIGTERM or SIGINT; a second one exits. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let stopping = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (stopping) process.exit(130);
      stopping = true;
      resolve(signal);
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  });
}
