import type { Batch, IncomingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { isTransient } from '@transcodeflow/shared/dead-letters/is-transient.ts';
import { type Failure, tryHandling } from '@transcodeflow/shared/dead-letters/try-handling.ts';
import { StaleProjectorError } from './checkpoint.ts';

/**
 * I9: halves a batch that cannot be applied until its poison is alone (ten steps in a thousand messages), and parks
 * that. What is transient, or a place lost to another projector, rejects the batch.
 * @param park moves the checkpoint past the message in the same transaction
 */
export function isolatingPoison(
  handle: (batch: Batch) => Promise<void>,
  park: (batch: Batch, message: IncomingMessage, failure: Failure) => Promise<void>,
): (batch: Batch) => Promise<void> {
  return async function offer(batch) {
    const { messages, signal } = batch;
    const [first] = messages;
    if (first === undefined) return;
    if (messages.length === 1) {
      const failure = await tryHandling(() => handle(batch), signal);
      if (failure?.error instanceof StaleProjectorError) throw failure.error;
      if (failure) await park(batch, first, failure);
      return;
    }
    try {
      await handle(batch);
    } catch (error) {
      if (signal.aborted || isTransient(error) || error instanceof StaleProjectorError) throw error;
      const middle = messages.length >> 1;
      await offer({ ...batch, messages: messages.slice(0, middle) });
      await offer({ ...batch, messages: messages.slice(middle) });
    }
  };
}
