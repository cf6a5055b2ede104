import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import type { Cache } from '@transcodeflow/shared/cache/cache.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { openDeadLetters } from '@transcodeflow/shared/dead-letters/open-dead-letters.ts';
import { recordDeadLetters } from '@transcodeflow/shared/dead-letters/record-dead-letters.ts';
import { allowedMethods } from '@transcodeflow/shared/http/allowed-methods.ts';
import { type KeyRing, requireKey } from '@transcodeflow/shared/http/api-keys.ts';
import { createApp } from '@transcodeflow/shared/http/app.ts';
import type { App } from '@transcodeflow/shared/http/app-state.ts';
import { cors } from '@transcodeflow/shared/http/cors.ts';
import { type Checks, health } from '@transcodeflow/shared/http/health.ts';
import { noRateLimits, type RateLimits } from '@transcodeflow/shared/http/rate-limit/rate-limits.ts';
import { serveOpenApi } from '@transcodeflow/shared/http/serve-openapi.ts';
import { openSafeFetch } from '@transcodeflow/shared/net/safe-fetch.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import { openVisibility } from '@transcodeflow/shared/read-model/visibility.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { createApiKeyHandler } from './api-key/handler.ts';
import { createCommandHandler } from './command-handler.ts';
import { openRequests } from './idempotency/open-requests.ts';
import { startProcessManager } from './process-manager/process-manager.ts';
import { openEventStore } from './relay/open-event-store.ts';
import { type Relay, startRelay } from './relay/relay.ts';
import { openUploads } from './resumable/open-uploads.ts';
import type { UploadBytes } from './resumable/upload-bytes.ts';
import { createRouter } from './routes/router.ts';
import { openStorage } from './storage/open-storage.ts';
import { startSweeper } from './sweeper/sweeper.ts';
import { openWebhooks } from './webhook/open-webhooks.ts';

export interface CommandServiceOptions {
  databaseUrl: string;
  /** Events are kept there instead of in the database. */
  eventStoreDbUrl?: string | undefined;
  bus: Bus;
  /** Shared with the query service, which must not show from it what a command has changed. */
  cache: Cache;
  objects: ObjectStore;
  keys: KeyRing;
  /** Where clients reach the API, if the operator says so. */
  publicUrl?: string | undefined;
  /** Default: none. */
  rateLimits?: RateLimits | undefined;
  /** Proxies before the service whose X-Forwarded headers are believed. Default: none. */
  trustedProxies?: number | undefined;
  /** Sites whose scripts may call the API; `*`: any. Default: none. */
  corsOrigins?: readonly string[];
  /** SECRET_KEY: what signs and encrypts is derived from it. */
  secretKey: string;
  log: Logger;
  mostUploadBytes: number;
  /** Long videos are encoded in chunks of about so many seconds. Absent or 0: whole. */
  chunkSeconds?: number | undefined;
  /** Where resumable and presigned uploads are until a job takes them. */
  uploadBytes: UploadBytes;
  /** They are removed so long after their last byte. Default: a day. */
  uploadExpiryMs?: number | undefined;
  /** An upload that is silent for so long is given up, and what a broken one left is removed. Default 2 minutes. */
  uploadLeaseMs?: number | undefined;
  /** Networks that sources by URL and webhooks may be in although they are not public (ALLOW_PRIVATE_ADDRESSES). */
  allowAddresses?: readonly string[] | undefined;
  /** Messages that the relay hands to the bus at once; tasks one by one where the bus keeps nothing itself. */
  relayBatch: { events: number; tasks: number };
  /** The only processor runs in this process: after a crash its tasks are taken up again at once. */
  soleProcessor: boolean;
}

export interface CommandService {
  app: App;
  checks: Checks;
  /** To be called when every subscriber of this process has subscribed. */
  startRelay(): void;
  close(): Promise<void>;
}

/** Everything that appends: routes and process manager; and the relay that publishes what was appended. */
export async function startCommandService(options: CommandServiceOptions): Promise<CommandService> {
  const {
    databaseUrl: url,
    bus,
    cache,
    objects,
    keys,
    log,
    mostUploadBytes,
    relayBatch,
    soleProcessor,
  } = options;
  const { store, source } = await openEventStore(url, options.eventStoreDbUrl, log);
  const commands = createCommandHandler(store, options.chunkSeconds || undefined);
  const { requests, close: closeRequests } = await openRequests(url, log);
  const storage = await openStorage({ url, store, commands, objects, log, leaseMs: options.uploadLeaseMs });
  const { reservations } = storage;
  const uploads = await openUploads({
    url,
    bytes: options.uploadBytes,
    commands,
    reservations,
    mostUploadBytes,
    expiryMs: options.uploadExpiryMs ?? 24 * 3_600_000,
    log,
  });
  const web = openSafeFetch({ allow: options.allowAddresses });
  const webhooks = openWebhooks({ url, store, allowAddresses: options.allowAddresses ?? [], log });
  const visibility = await openVisibility(url, cache, log);
  const deadLetters = await openDeadLetters({ url, bus, log });
  const recorder = await recordDeadLetters(bus, deadLetters, log);
  const processManager = await startProcessManager({ url, bus, commands, deadLetters, log, soleProcessor });
  const sweeper = await startSweeper({ bus, commands, objects, reservations, deadLetters, log });
  let relay: Relay | undefined;

  const checks: Checks = {
    event_store: () => store.ping(),
    bus: () => bus.ping(),
    objects: () => objects.ping(),
  };
  const limits = options.rateLimits ?? noRateLimits;
  const app = createApp(log, {
    trustedProxies: options.trustedProxies,
    publicUrl: options.publicUrl,
  });
  app.use(cors(options.corsOrigins ?? []));
  app.use(health(checks)).use(limits.address).use(serveOpenApi());
  const apiKeys = createApiKeyHandler(store);
  const router = createRouter({
    commands,
    apiKeys,
    webhooks,
    secretKey: options.secretKey,
    requests,
    objects,
    reservations,
    uploads,
    web,
    visibility,
    mostUploadBytes,
  });
  app.use(limits.failures).use(requireKey(keys)).use(limits.key);
  app.use(allowedMethods()).use(router.routes());
  return {
    app,
    checks,
    startRelay() {
      relay = startRelay({
        source,
        bus,
        log,
        lanes: [
          { topic: topics.jobs, batch: relayBatch.events },
          { topic: topics.accounts, batch: relayBatch.events },
          { topic: topics.control, batch: relayBatch.events },
          ...Object.values(topics.tasks).map((topic) => ({ topic, batch: relayBatch.tasks })),
        ],
      });
    },
    async close() {
      // The relay first: what it published while a subscriber was leaving would be taken off the outbox unseen.
      await relay?.close();
      await processManager.close();
      await sweeper.close();
      await recorder.close();
      await deadLetters.close();
      await visibility.close();
      await web.close();
      await webhooks.close();
      await uploads.close();
      await storage.close();
      await closeRequests();
      await store.close();
    },
  };
}
