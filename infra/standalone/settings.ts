import {
  databaseSettings,
  dataFolderSettings,
  eventStoreDbSettings,
  httpSettings,
  kafkaSettings,
  keySettings,
  logSettings,
  objectSettings,
  outgoingSettings,
  planSettings,
  processorSettings,
  rateLimitSettings,
  redisSettings,
  secretSettings,
  uploadSettings,
} from '@transcodeflow/shared/config/settings.ts';
import type { z } from 'zod';

/** What the embedded system reads; each piece of real infrastructure that is named takes the embedded one's place. */
export const standaloneSettings = dataFolderSettings
  .extend(databaseSettings.partial().shape)
  .extend(eventStoreDbSettings.shape)
  .extend(kafkaSettings.partial().shape)
  .extend(redisSettings.partial().shape)
  .extend(objectSettings.partial().shape)
  .extend(httpSettings.shape)
  .extend(rateLimitSettings.shape)
  .extend(keySettings.partial().shape)
  .extend(secretSettings.partial().shape)
  .extend(uploadSettings.shape)
  .extend(outgoingSettings.shape)
  .extend(planSettings.shape)
  .extend(processorSettings.shape)
  .extend(logSettings.shape);
export type StandaloneSettings = z.infer<typeof standaloneSettings>;
