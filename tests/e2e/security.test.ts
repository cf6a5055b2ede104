import test from 'ava';
import { testBodies } from './security/bodies.ts';
import { testInjection } from './security/injection.ts';
import { testLog } from './security/log.ts';
import { testOutgoing } from './security/outgoing.ts';
import { openWorld, type World } from './security/world.ts';

/** One system for all of them: it takes seconds to start and to encode what is attacked. */
let world: World | undefined;
test.before(async () => {
  world = await openWorld();
});
test.after.always(() => world?.close());

const opened = (): World => {
  if (!world) throw new Error('The system has not started');
  return world;
};
for (const part of [testInjection, testBodies, testOutgoing, testLog]) part(test, opened);
