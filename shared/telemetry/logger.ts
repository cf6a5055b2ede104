import { destination, type Logger, pino } from 'pino';

export type { Logger };

/**
 * A JSON logger on standard error (standard output belongs to the command line's own results).
 * @param name the service, in every line
 * @param level pino's levels: `trace` … `fatal`, or `silent`
 */
export const createLogger = (name: string, level = process.env.LOG_LEVEL ?? 'info'): Logger =>
  pino(
    { name, level, redact: ['key', 'api_key', 'password', '*.password'] },
    destination({ fd: 2, sync: false }),
  );

export const silentLogger: Logger = pino({ level: 'silent' });
