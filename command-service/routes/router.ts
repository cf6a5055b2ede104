import Router from '@koa/router';
import type { AppState } from '@transcodeflow/shared/http/app-state.ts';
import { cancelJob, deleteJob, retryJob } from './change-job.ts';
import { createApiKey } from './create-api-key.ts';
import { createJob } from './create-job.ts';
import type { RouteDependencies } from './dependencies.ts';
import { revokeApiKey } from './revoke-api-key.ts';
import { upload } from './upload.ts';
import { createUpload } from './uploads/create-upload.ts';
import { describeTus } from './uploads/describe-tus.ts';
import { endUpload } from './uploads/end-upload.ts';
import { presignUpload } from './uploads/presign-upload.ts';
import { askOffset, sendBytes } from './uploads/resume-upload.ts';
import { usage } from './usage.ts';
import { createWebhook } from './webhooks/create-webhook.ts';
import { deleteWebhook } from './webhooks/delete-webhook.ts';
import { redeliver } from './webhooks/redeliver.ts';

export function createRouter(dependencies: RouteDependencies): Router<AppState> {
  const router = new Router<AppState>();
  router.post('/api/upload', upload(dependencies));
  router.get('/api/usage', usage(dependencies));
  router.options('/api/uploads', describeTus(dependencies));
  router.post('/api/uploads', createUpload(dependencies));
  router.post('/api/uploads/presigned', presignUpload(dependencies));
  router.head('/api/uploads/:id', askOffset(dependencies));
  router.patch('/api/uploads/:id', sendBytes(dependencies));
  router.delete('/api/uploads/:id', endUpload(dependencies));
  router.post('/api/jobs', createJob(dependencies));
  router.post('/api/jobs/:id/cancel', cancelJob(dependencies));
  router.post('/api/jobs/:id/retry', retryJob(dependencies));
  router.delete('/api/jobs/:id', deleteJob(dependencies));
  router.post('/api/keys', createApiKey(dependencies));
  router.delete('/api/keys/:id', revokeApiKey(dependencies));
  router.post('/api/webhooks', createWebhook(dependencies));
  router.delete('/api/webhooks/:id', deleteWebhook(dependencies));
  router.post('/api/webhooks/deliveries/:id/redeliver', redeliver(dependencies));
  return router;
}
