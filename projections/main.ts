import { openBusFromEnvironment } from '@transcodeflow/shared/config/open-infrastructure.ts';
import { readEnvironment } from '@transcodeflow/shared/config/read-environment.ts';
import { runService } from '@transcodeflow/shared/config/run-service.ts';
import {
  databaseSettings,
  eventStoreDbSettings,
  httpSettings,
  kafkaSettings,
} from '@transcodeflow/shared/config/settings.ts';
import { serveHealth } from '@transcodeflow/shared/http/serve-health.ts';
import { startProjections } from './start.ts';

await runService('projections', async (log) => {
  const settings = readEnvironment(
    databaseSettings
      .extend(eventStoreDbSettings.shape)
      .extend(kafkaSettings.shape)
      .extend(httpSettings.shape),
  );
  const bus = await openBusFromEnvironment('projections', log);
  const projections = await startProjections({
    url: settings.DATABASE_URL,
    bus,
    log,
    eventStoreDbUrl: settings.EVENTSTOREDB_URL,
  });
  const server = await serveHealth(
    { read_model: projections.ping, bus: () => bus.ping() },
    settings.PORT,
    log,
  );
  return {
    async close() {
      await server.close();
      await projections.close();
      await bus.close();
    },
  };
});
