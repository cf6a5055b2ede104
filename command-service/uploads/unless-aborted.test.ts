import { getEventListeners } from 'node:events';
import test from 'ava';
import { unlessAborted } from './unless-aborted.ts';

const never = () => new Promise<never>(() => {});

test('answers what the work does, and listens to the signal no longer than that', async (t) => {
  const signal = AbortSignal.any([new AbortController().signal]);
  t.is(await unlessAborted(signal, async () => getEventListeners(signal, 'abort').length), 0);
  t.is(
    await unlessAborted(signal, () =>
      Promise.resolve().then(() => getEventListeners(signal, 'abort').length),
    ),
    1,
  );
  await t.throwsAsync(
    unlessAborted(signal, async () => {
      throw new Error('broken');
    }),
    { message: 'broken' },
  );
  t.deepEqual(getEventListeners(signal, 'abort'), []);
});

test('an abort ends the wait with its reason, also one that came before', async (t) => {
  const controller = new AbortController();
  const waiting = unlessAborted(controller.signal, never);
  controller.abort(new Error('hung up'));
  await t.throwsAsync(waiting, { message: 'hung up' });
  await t.throwsAsync(
    unlessAborted(controller.signal, async () => t.fail()),
    { message: 'hung up' },
  );
});
