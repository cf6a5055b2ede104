import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import type { Visibility } from '@transcodeflow/shared/read-model/visibility.ts';
import type { CommandHandler } from '../command-handler.ts';

export interface RouteDependencies {
  commands: CommandHandler;
  objects: ObjectStore;
  /** A command's answer waits until the query side shows its effect. */
  visibility: Visibility;
  /** Of one upload. */
  mostUploadBytes: number;
}
