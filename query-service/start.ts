import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import type { Cache } from '@transcodeflow/shared/cache/cache.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import { allowedMethods } from '@transcodeflow/shared/http/allowed-methods.ts';
import { type KeyRing, requireKey } from '@transcodeflow/shared/http/api-keys.ts';
import { createApp } from '@transcodeflow/shared/http/app.ts';
import type { App } from '@transcodeflow/shared/http/app-state.ts';
import { cors } from '@transcodeflow/shared/http/cors.ts';
import { type Checks, health } from '@transcodeflow/shared/http/health.ts';
import { noRateLimits, type RateLimits } from '@transcodeflow/shared/http/rate-limit/rate-limits.ts';
import { serveOpenApi } from '@transcodeflow/shared/http/serve-openapi.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import { listenToReadModel, type ReadModelListener } from '@transcodeflow/shared/read-model/listen.ts';
import { deriveKey } from '@transcodeflow/shared/secrets/derive-key.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { createApiKeyReader } from './api-keys/api-key-reader.ts';
import { serveDocs } from './docs/serve-docs.ts';
import { type Events, openEvents } from './events/events.ts';
import { createJobReader } from './jobs/job-reader.ts';
import { createReadModel } from './jobs/read-model.ts';
import { followProgress } from './progress/live-progress.ts';
import { createOpenRouter, createRouter } from './routes/router.ts';
import { createWebhookReader } from './webhooks/webhook-reader.ts';

export interface QueryServiceOptions {
  databaseUrl: string;
  bus: Bus;
  cache: Cache;
  objects: ObjectStore;
  keys: KeyRing;
  /** Default: none. */
  rateLimits?: RateLimits | undefined;
  /** Proxies before the service whose X-Forwarded headers are believed. Default: none. */
  trustedProxies?: number | undefined;
  /** SECRET_KEY: what signs and encrypts is derived from it. */
  secretKey: string;
  log: Logger;
  publicUrl: string | undefined;
  /** Sites whose scripts may call the API; `*`: any. Default: none. */
  corsOrigins?: readonly string[];
  /** Between the signs of life on event streams. Default: 15 s. */
  heartbeatMs?: number;
}

export interface QueryService {
  app: App;
  checks: Checks;
  /** How many event streams are open. */
  streams(): number;
  /** To be called before the server closes, which waits for open answers. */
  endStreams(): void;
  close(): Promise<void>;
}

/** Serves the read models; writes nothing but its caches. */
export async function startQueryService(options: QueryServiceOptions): Promise<QueryService> {
  const { databaseUrl: url, bus, cache, objects, keys, log, publicUrl } = options;
  const pool = openPool({ url, name: 'transcodeflow queries', log });
  const readModel = createReadModel(pool);
  let listener: ReadModelListener | undefined;
  let events: Events | undefined;
  const reader = createJobReader(readModel, cache, () => listener?.connected() ?? false);
  listener = await listenToReadModel({
    url,
    log,
    onChange: (name, change) => {
      if (name === 'jobs') reader.changed(change);
      if (name === 'history') events?.wake();
    },
    onGap: () => {
      reader.forget();
      events?.wake();
    },
  });
  const live = await followProgress(bus, log);
  events = openEvents({ pool, keys, reader, heartbeats: live, log, heartbeatMs: options.heartbeatMs });

  const checks: Checks = { read_model: readModel.ping, bus: () => bus.ping(), objects: () => objects.ping() };
  const limits = options.rateLimits ?? noRateLimits;
  const app = createApp(log, { trustedProxies: options.trustedProxies, publicUrl });
  app.use(cors(options.corsOrigins ?? []));
  app.use(health(checks)).use(limits.address).use(serveOpenApi(publicUrl)).use(serveDocs(publicUrl));
  const apiKeys = createApiKeyReader(pool);
  const webhooks = createWebhookReader(pool);
  const playbackKey = deriveKey(options.secretKey, 'playback urls');
  const dependencies = {
    readModel,
    reader,
    live,
    events,
    apiKeys,
    webhooks,
    secretKey: options.secretKey,
    objects,
    publicUrl,
    playbackKey,
  };
  app.use(createOpenRouter(dependencies).routes());
  const router = createRouter(dependencies);
  app.use(limits.failures).use(requireKey(keys)).use(limits.key);
  app.use(allowedMethods()).use(router.routes());
  return {
    app,
    checks,
    streams: () => events.streams.size,
    endStreams: () => events.streams.close(),
    async close() {
      await events.close();
      await live.close();
      await listener.close();
      await pool.end();
    },
  };
}
