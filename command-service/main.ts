import { openKeyRing } from '@transcodeflow/shared/api-keys/key-ring.ts';
import {
  openBusFromEnvironment,
  openCacheFromEnvironment,
  openObjectsFromEnvironment,
  s3FromEnvironment,
} from '@transcodeflow/shared/config/open-infrastructure.ts';
import { readEnvironment } from '@transcodeflow/shared/config/read-environment.ts';
import { runService } from '@transcodeflow/shared/config/run-service.ts';
import {
  databaseSettings,
  eventStoreDbSettings,
  httpSettings,
  kafkaSettings,
  keySettings,
  objectSettings,
  outgoingSettings,
  planSettings,
  rateLimitSettings,
  redisSettings,
  secretSettings,
  uploadSettings,
} from '@transcodeflow/shared/config/settings.ts';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import { openRateLimits } from '@transcodeflow/shared/http/rate-limit/open-rate-limits.ts';
import { openS3Bytes } from './resumable/s3-bytes.ts';
import { startCommandService } from './start.ts';

await runService('command-service', async (log) => {
  // Everything at once, so that one start names all that is missing.
  const settings = readEnvironment(
    databaseSettings
      .extend(eventStoreDbSettings.shape)
      .extend(kafkaSettings.shape)
      .extend(objectSettings.shape)
      .extend(redisSettings.shape)
      .extend(httpSettings.shape)
      .extend(rateLimitSettings.shape)
      .extend(keySettings.shape)
      .extend(secretSettings.shape)
      .extend(outgoingSettings.shape)
      .extend(uploadSettings.shape)
      .extend(planSettings.shape),
  );
  const bus = await openBusFromEnvironment('command-service', log);
  const objects = await openObjectsFromEnvironment();
  const uploadBytes = openS3Bytes(s3FromEnvironment(), objects, settings.MAX_UPLOAD_BYTES);
  const cache = await openCacheFromEnvironment(log);
  const keys = await openKeyRing({
    url: settings.DATABASE_URL,
    bootstrapKey: settings.BOOTSTRAP_API_KEY,
    log,
  });
  const rateLimits = await openRateLimits(settings, settings.REDIS_URL, log);
  const service = await startCommandService({
    databaseUrl: settings.DATABASE_URL,
    eventStoreDbUrl: settings.EVENTSTOREDB_URL,
    bus,
    cache,
    objects,
    keys,
    publicUrl: settings.PUBLIC_URL,
    rateLimits,
    trustedProxies: settings.TRUST_PROXY,
    corsOrigins: settings.CORS_ORIGINS,
    secretKey: settings.SECRET_KEY,
    log,
    mostUploadBytes: settings.MAX_UPLOAD_BYTES,
    chunkSeconds: settings.CHUNK_SECONDS,
    uploadBytes,
    uploadExpiryMs: settings.UPLOAD_EXPIRY,
    allowAddresses: settings.ALLOW_PRIVATE_ADDRESSES,
    relayBatch: { events: 500, tasks: 500 },
    soleProcessor: false,
  });
  service.startRelay();
  const server = await listen(service.app.callback(), settings.PORT, settings.HOST);
  log.info({ port: server.port }, 'listening');
  return {
    async close() {
      await server.close();
      await service.close();
      await rateLimits.close();
      await keys.close();
      await cache.close();
      await bus.close();
      await uploadBytes.close();
      await objects.close();
    },
  };
});
