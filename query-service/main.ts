import { openKeyRing } from '@transcodeflow/shared/api-keys/key-ring.ts';
import {
  openBusFromEnvironment,
  openCacheFromEnvironment,
  openObjectsFromEnvironment,
} from '@transcodeflow/shared/config/open-infrastructure.ts';
import { readEnvironment } from '@transcodeflow/shared/config/read-environment.ts';
import { runService } from '@transcodeflow/shared/config/run-service.ts';
import {
  databaseSettings,
  httpSettings,
  kafkaSettings,
  keySettings,
  objectSettings,
  rateLimitSettings,
  redisSettings,
  secretSettings,
} from '@transcodeflow/shared/config/settings.ts';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import { openRateLimits } from '@transcodeflow/shared/http/rate-limit/open-rate-limits.ts';
import { startQueryService } from './start.ts';

await runService('query-service', async (log) => {
  // Everything at once, so that one start names all that is missing.
  const settings = readEnvironment(
    databaseSettings
      .extend(kafkaSettings.shape)
      .extend(objectSettings.shape)
      .extend(redisSettings.shape)
      .extend(httpSettings.shape)
      .extend(rateLimitSettings.shape)
      .extend(keySettings.shape)
      .extend(secretSettings.shape),
  );
  const bus = await openBusFromEnvironment('query-service', log);
  const objects = await openObjectsFromEnvironment();
  const cache = await openCacheFromEnvironment(log);
  const keys = await openKeyRing({
    url: settings.DATABASE_URL,
    bootstrapKey: settings.BOOTSTRAP_API_KEY,
    log,
  });
  const rateLimits = await openRateLimits(settings, settings.REDIS_URL, log);
  const service = await startQueryService({
    databaseUrl: settings.DATABASE_URL,
    bus,
    cache,
    objects,
    keys,
    rateLimits,
    trustedProxies: settings.TRUST_PROXY,
    corsOrigins: settings.CORS_ORIGINS,
    secretKey: settings.SECRET_KEY,
    log,
    publicUrl: settings.PUBLIC_URL,
  });
  const server = await listen(service.app.callback(), settings.PORT, settings.HOST);
  log.info({ port: server.port }, 'listening');
  return {
    async close() {
      service.endStreams();
      await server.close();
      await service.close();
      await rateLimits.close();
      await keys.close();
      await cache.close();
      await bus.close();
      await objects.close();
    },
  };
});
