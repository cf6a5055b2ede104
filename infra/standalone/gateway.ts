import type { RequestListener } from 'node:http';
import type { CommandService } from '@transcodeflow/command-service/start.ts';
import type { QueryService } from '@transcodeflow/query-service/start.ts';
import { allowedMethods } from '@transcodeflow/shared/http/allowed-methods.ts';
import { createApp } from '@transcodeflow/shared/http/app.ts';
import { health } from '@transcodeflow/shared/http/health.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';

const READS = new Set(['GET', 'HEAD']);
/** The command service owns these figures and offsets, and answers questions about them too. */
const COMMANDS_ALONE = /^\/api\/(?:uploads|usage)(?:[/?]|$)/;

/** Both services behind one port: reads go to the queries, everything else, and all about uploads and usage, to the commands. */
export function createGateway(commands: CommandService, queries: QueryService, log: Logger): RequestListener {
  const healthApp = createApp(log);
  healthApp.use(health({ ...commands.checks, ...queries.checks })).use(allowedMethods());
  const [onHealth, onRead, onCommand] = [
    healthApp.callback(),
    queries.app.callback(),
    commands.app.callback(),
  ];
  return (request, response) => {
    if (request.url === '/healthz' || request.url === '/readyz') return onHealth(request, response);
    const isRead = READS.has(request.method ?? '') && !COMMANDS_ALONE.test(request.url ?? '');
    return isRead ? onRead(request, response) : onCommand(request, response);
  };
}
