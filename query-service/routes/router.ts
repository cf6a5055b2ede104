import Router from '@koa/router';
import type { AppState } from '@transcodeflow/shared/http/app-state.ts';
import { getApiKey, listApiKeys } from './api-keys.ts';
import type { RouteDependencies } from './dependencies.ts';
import { getEvents } from './get-events.ts';
import { getHistory } from './get-history.ts';
import { getJob } from './get-job.ts';
import { getOutput } from './get-output.ts';
import { getStats } from './get-stats.ts';
import { listJobs } from './list-jobs.ts';
import { listProfiles } from './list-profiles.ts';
import { getPlayback, play } from './playback.ts';
import { getDelivery, getWebhook, getWebhookSecret, listDeliveries, listWebhooks } from './webhooks.ts';

export function createRouter(dependencies: RouteDependencies): Router<AppState> {
  const router = new Router<AppState>();
  router.get('/api/jobs', listJobs(dependencies));
  router.get('/api/jobs/stats', getStats(dependencies));
  router.get('/api/jobs/:id', getJob(dependencies));
  router.get('/api/jobs/:id/events', getHistory(dependencies));
  router.get('/api/jobs/:id/playback', getPlayback(dependencies));
  router.get('/api/events', getEvents(dependencies));
  router.get('/api/jobs/:id/outputs/*path', getOutput(dependencies));
  router.get('/api/profiles', listProfiles());
  router.get('/api/keys', listApiKeys(dependencies));
  router.get('/api/keys/:id', getApiKey(dependencies));
  router.get('/api/webhooks', listWebhooks(dependencies));
  router.get('/api/webhooks/secret', getWebhookSecret(dependencies));
  router.get('/api/webhooks/deliveries', listDeliveries(dependencies));
  router.get('/api/webhooks/deliveries/:id', getDelivery(dependencies));
  router.get('/api/webhooks/:id', getWebhook(dependencies));
  return router;
}

/** Calls that need no API key. */
export function createOpenRouter(dependencies: RouteDependencies): Router<AppState> {
  const router = new Router<AppState>();
  router.get('/play/:token/*path', play(dependencies));
  return router;
}
