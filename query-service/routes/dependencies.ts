import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import type { ApiKeyReader } from '../api-keys/api-key-reader.ts';
import type { Events } from '../events/events.ts';
import type { JobReader } from '../jobs/job-reader.ts';
import type { ReadModel } from '../jobs/read-model.ts';
import type { LiveProgress } from '../progress/live-progress.ts';
import type { WebhookReader } from '../webhooks/webhook-reader.ts';

export interface RouteDependencies {
  readModel: ReadModel;
  reader: JobReader;
  live: LiveProgress;
  events: Events;
  apiKeys: ApiKeyReader;
  webhooks: WebhookReader;
  /** SECRET_KEY: what signs and encrypts is derived from it. */
  secretKey: string;
  objects: ObjectStore;
  /** Signs playback URLs. */
  playbackKey: Buffer;
  /** Public origin of the API, such as `https://video.example`; absent: as the request names it. */
  publicUrl: string | undefined;
}
