import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import type { Visibility } from '@transcodeflow/shared/read-model/visibility.ts';
import type { ApiKeyHandler } from '../api-key/handler.ts';
import type { CommandHandler } from '../command-handler.ts';
import type { Requests } from '../idempotency/requests.ts';
import type { Uploads } from '../resumable/open-uploads.ts';
import type { Reservations } from '../storage/reservations.ts';

export interface RouteDependencies {
  commands: CommandHandler;
  apiKeys: ApiKeyHandler;
  /** SECRET_KEY: what signs and encrypts is derived from it. */
  secretKey: string;
  /** Those that carried an Idempotency-Key. */
  requests: Requests;
  objects: ObjectStore;
  /** The bytes that accounts hold. */
  reservations: Reservations;
  /** Those that wait for a job. */
  uploads: Uploads;
  /** A command's answer waits until the query side shows its effect. */
  visibility: Visibility;
  /** Of one upload. */
  mostUploadBytes: number;
}
