import type { SafeFetch } from '@transcodeflow/shared/net/safe-fetch.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import type { Visibility } from '@transcodeflow/shared/read-model/visibility.ts';
import type { ApiKeyHandler } from '../api-key/handler.ts';
import type { CommandHandler } from '../command-handler.ts';
import type { Requests } from '../idempotency/requests.ts';
import type { Uploads } from '../resumable/open-uploads.ts';
import type { Reservations } from '../storage/reservations.ts';
import type { Webhooks } from '../webhook/open-webhooks.ts';

export interface RouteDependencies {
  commands: CommandHandler;
  apiKeys: ApiKeyHandler;
  webhooks: Webhooks;
  /** SECRET_KEY: what signs and encrypts is derived from it. */
  secretKey: string;
  /** Those that carried an Idempotency-Key. */
  requests: Requests;
  objects: ObjectStore;
  /** The bytes that accounts hold. */
  reservations: Reservations;
  /** Those that wait for a job. */
  uploads: Uploads;
  /** For requests to where clients point. */
  web: SafeFetch;
  /** A command's answer waits until the query side shows its effect. */
  visibility: Visibility;
  /** Of one upload. */
  mostUploadBytes: number;
}
