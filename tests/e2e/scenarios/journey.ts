import type { SerialFn } from 'ava';
import type { Api } from '../../systems/api.ts';
import type { SystemUnderTest } from '../../systems/system-under-test.ts';

/** What every journey needs, once the system runs. */
export interface Journey {
  system: SystemUnderTest;
  api: Api;
  /** For media made by the journey; removed at the end. */
  folder: string;
}

/** Adds journeys to a suite; `journey()` is theirs to call while they run. */
export type Journeys = (name: string, test: SerialFn, journey: () => Journey) => void;
