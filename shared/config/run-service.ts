import { createLogger, type Logger } from '../telemetry/logger.ts';
import { ConfigurationError, readEnvironment } from './read-environment.ts';
import { logSettings } from './settings.ts';

/** Longest clean shutdown; after that the process ends as it is. */
const SHUTDOWN_MS = 25_000;

export interface RunningService {
  /** Resolves with the reason when the service cannot go on. */
  lost?: Promise<Error>;
  close(): Promise<void>;
}

/**
 * Runs a service until SIGTERM or SIGINT: starts it, closes it cleanly, ends the process. A wrong configuration is
 * told in plain words (exit 78, `EX_CONFIG` of sysexits.h); a second signal ends the process at once.
 */
export async function runService(
  name: string,
  start: (log: Logger) => Promise<RunningService>,
): Promise<void> {
  try {
    const log = createLogger(name, readEnvironment(logSettings).LOG_LEVEL);
    const stopped = stopSignal();
    const service = await start(log);
    const reason = await Promise.race([stopped, ...(service.lost ? [service.lost] : [])]);
    if (reason instanceof Error) log.fatal({ err: reason }, 'cannot go on');
    else log.info({ signal: reason }, 'stopping');
    setTimeout(() => {
      log.error('the clean shutdown took too long');
      process.exit(1);
    }, SHUTDOWN_MS).unref();
    await service.close();
    log.info('stopped');
    process.exit(reason instanceof Error ? 1 : 0);
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
function stopSignal(): Promise<NodeJS.Signals> {
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
