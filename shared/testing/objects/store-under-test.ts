import type { ExecutionContext } from 'ava';
import type { ObjectStore } from '../../objects/object-store.ts';

export interface StoreUnderTest {
  /** An empty store of this test alone. */
  store: ObjectStore;
  /** Names of what unfinished uploads have left in the store. */
  leftovers(): Promise<string[]>;
}

export type OpenStore = (t: ExecutionContext) => Promise<StoreUnderTest>;
