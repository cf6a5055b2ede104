import { testKeys } from './keys.ts';
import { testObjects } from './objects.ts';
import { testPuts } from './puts.ts';
import type { OpenStore } from './store-under-test.ts';

/** What every object store has to do, as ava tests with the store's name in their titles. */
export function testObjectStoreContract(name: string, open: OpenStore): void {
  for (const part of [testKeys, testObjects, testPuts]) part(name, open);
}
