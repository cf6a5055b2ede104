import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openDirectoryBytes } from '@transcodeflow/command-service/resumable/directory-bytes.ts';
import { openS3Bytes } from '@transcodeflow/command-service/resumable/s3-bytes.ts';
import { startCommandService } from '@transcodeflow/command-service/start.ts';
import type { MediaTools } from '@transcodeflow/processors/ffmpeg/media-tools.ts';
import { startProcessor } from '@transcodeflow/processors/start.ts';
import { startProjections } from '@transcodeflow/projections/start.ts';
import { startQueryService } from '@transcodeflow/query-service/start.ts';
import { openKeyRing } from '@transcodeflow/shared/api-keys/key-ring.ts';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { createMemoryCache } from '@transcodeflow/shared/cache/memory-cache.ts';
import {
  openBusFromEnvironment,
  openCacheFromEnvironment,
  openObjectsFromEnvironment,
  s3FromEnvironment,
} from '@transcodeflow/shared/config/open-infrastructure.ts';
import { startEmbeddedPostgres } from '@transcodeflow/shared/database/embedded/embedded-postgres.ts';
import { listen } from '@transcodeflow/shared/http/listen.ts';
import { openRateLimits } from '@transcodeflow/shared/http/rate-limit/open-rate-limits.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { bootstrapKey } from './bootstrap-key.ts';
import { createGateway } from './gateway.ts';
import { secretKey as secretKeyOf } from './secret-key.ts';
import type { StandaloneSettings } from './settings.ts';

export interface System {
  url: string;
  apiKey: { key: string; file?: string; isNew: boolean };
  tools: MediaTools;
  /** Resolves with the reason when the embedded database ends by itself. */
  lost?: Promise<Error>;
  close(): Promise<void>;
}

/**
 * All services in this one process. What is opened is closed in reverse, also when a later part cannot start.
 * @throws {Error} saying which part could not start and why
 */
export async function startSystem(settings: StandaloneSettings, log: Logger): Promise<System> {
  const closers: (() => Promise<void>)[] = [];
  const opened = <T extends { close(): Promise<void> }>(part: T): T => {
    closers.unshift(() => part.close());
    return part;
  };
  const close = async () => {
    for (const closer of closers.splice(0))
      await closer().catch((error) => log.error({ err: error }, 'a part did not stop cleanly'));
  };
  try {
    const dataFolder = resolve(settings.DATA_DIR);
    await mkdir(dataFolder, { recursive: true });
    const workFolder = settings.WORK_DIR ?? join(dataFolder, 'work');
    const database = settings.DATABASE_URL
      ? { url: settings.DATABASE_URL }
      : opened(await startEmbeddedPostgres({ dataFolder: join(dataFolder, 'postgres'), log }));
    const databaseUrl = database.url;
    // The database is this process's alone, and so is the data folder: what a killed one was working on is rubbish.
    if (!settings.DATABASE_URL && !settings.WORK_DIR) await rm(workFolder, { recursive: true, force: true });
    const apiKey = await bootstrapKey(dataFolder, settings.BOOTSTRAP_API_KEY);
    const secretKey = await secretKeyOf(dataFolder, settings.SECRET_KEY);
    const keys = opened(await openKeyRing({ url: databaseUrl, bootstrapKey: apiKey.key, log }));
    const bus = opened(
      settings.KAFKA_BROKERS ? await openBusFromEnvironment('standalone', log) : createInProcessBus({ log }),
    );
    const objects = opened(
      settings.S3_ENDPOINT
        ? await openObjectsFromEnvironment()
        : await openDirectoryStore(join(dataFolder, 'objects')),
    );
    const uploadBytes = opened(
      settings.S3_ENDPOINT
        ? openS3Bytes(s3FromEnvironment(), objects, settings.MAX_UPLOAD_BYTES)
        : await openDirectoryBytes(join(dataFolder, 'uploads'), objects),
    );
    const cache = opened(settings.REDIS_URL ? await openCacheFromEnvironment(log) : createMemoryCache());

    const rateLimits = opened(await openRateLimits(settings, settings.REDIS_URL, log));
    const trustedProxies = settings.TRUST_PROXY;

    // Whoever subscribes comes before the relay: on the in-process bus what nobody has subscribed to is gone.
    opened(
      await startProjections({
        url: databaseUrl,
        bus,
        log,
        eventStoreDbUrl: settings.EVENTSTOREDB_URL,
        webhooks: { secretKey, allowPrivateAddresses: settings.ALLOW_PRIVATE_ADDRESSES },
      }),
    );
    const queries = opened(
      await startQueryService({
        databaseUrl,
        bus,
        cache,
        objects,
        keys,
        rateLimits,
        trustedProxies,
        corsOrigins: settings.CORS_ORIGINS,
        secretKey,
        log,
        publicUrl: settings.PUBLIC_URL,
      }),
    );
    const commands = await startCommandService({
      databaseUrl,
      eventStoreDbUrl: settings.EVENTSTOREDB_URL,
      bus,
      cache,
      objects,
      keys,
      publicUrl: settings.PUBLIC_URL,
      rateLimits,
      trustedProxies,
      corsOrigins: settings.CORS_ORIGINS,
      secretKey,
      log,
      mostUploadBytes: settings.MAX_UPLOAD_BYTES,
      chunkSeconds: settings.CHUNK_SECONDS,
      uploadBytes,
      uploadExpiryMs: settings.UPLOAD_EXPIRY,
      allowAddresses: settings.ALLOW_PRIVATE_ADDRESSES,
      relayBatch: settings.KAFKA_BROKERS ? { events: 500, tasks: 500 } : { events: 100, tasks: 1 },
      soleProcessor: !settings.KAFKA_BROKERS,
    });
    opened(commands);
    const processor = opened(
      await startProcessor({
        bus,
        objects,
        log,
        slots: settings.PROCESSOR_SLOTS,
        threads: settings.FFMPEG_THREADS,
        memory_bytes: settings.FFMPEG_MEMORY_MB,
        objectCache_bytes: settings.OBJECT_CACHE_MB,
        hardwareSessions: settings.HARDWARE_SESSIONS,
        whisperPath: settings.WHISPER_PATH,
        whisperModel: settings.WHISPER_MODEL,
        timeFactor: settings.TASK_TIME_FACTOR,
        workFolder,
        allowAddresses: settings.ALLOW_PRIVATE_ADDRESSES,
      }),
    );
    commands.startRelay();
    const server = opened(await listen(createGateway(commands, queries, log), settings.PORT, settings.HOST));
    // Before the server, which waits for open answers.
    opened({ close: async () => queries.endStreams() });
    const lost = 'lost' in database ? { lost: database.lost } : {};
    return { url: server.url, apiKey, tools: processor.tools, ...lost, close };
  } catch (error) {
    await close();
    throw error;
  }
}
