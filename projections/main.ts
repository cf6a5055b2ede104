import { openBusFromEnvironment } from '@transcodeflow/shared/config/open-infrastructure.ts';
import { readEnvironment } from '@transcodeflow/shared/config/read-environment.ts';
import { runService } from '@transcodeflow/shared/config/run-service.ts';
import {
  databaseSettings,
  eventStoreDbSettings,
  httpSettings,
  kafkaSettings,
  outgoingSettings,
  secretSettings,
} from '@transcodeflow/shared/config/settings.ts';
import { serveHealth } from '@transcodeflow/shared/http/serve-health.ts';
import { startProjections } from './start.ts';

await runService('projections', async (log) => {
  const settings = readEnvironment(
    databaseSettings
      .extend(eventStoreDbSettings.shape)
      .extend(kafkaSettings.shape)
      .extend(httpSettings.shape)
      .extend(secretSettings.shape)
      .extend(outgoingSettings.shape),
  );
  const bus = await openBusFromEnvironment('projections', log);
  const projections = await startProjections({
    url: settings.DATABASE_URL,
    bus,
    log,
    eventStoreDbUrl: settings.EVENTSTOREDB_URL,
    webhooks: {
      secretKey: settings.SECRET_KEY,
      allowPrivateAddresses: settings.ALLOW_PRIVATE_ADDRESSES,
    },
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
