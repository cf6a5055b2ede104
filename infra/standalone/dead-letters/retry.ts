import { setTimeout as sleep } from 'node:timers/promises';
import type { Operator, RetryOutcome, Selection } from '@transcodeflow/shared/dead-letters/operator.ts';

const ASK_AGAIN_MS = 200;

/**
 * Asks the running consumers for a retry and waits for what comes of it.
 * @param longestMs after that what was not taken up is still asked for
 */
export async function retry(
  operator: Operator,
  selection: Selection,
  longestMs: number,
): Promise<RetryOutcome> {
  const requested = await operator.requestRetry(selection);
  const deadline = Date.now() + longestMs;
  for (;;) {
    const outcome = await operator.outcome(requested);
    if (outcome.waiting.length === 0 || Date.now() >= deadline) return outcome;
    await sleep(ASK_AGAIN_MS);
  }
}

export function outcomeText({ handled, waiting, failed }: RetryOutcome): string {
  const lines = [`${handled} handled, ${failed.length} still parked, ${waiting.length} not taken up yet`];
  for (const { id, error } of failed) lines.push(`  ${id}: ${error ?? 'waits behind an earlier one'}`);
  if (waiting.length > 0)
    lines.push(
      '  No running consumer has taken these up. They stay asked for until one does: is it running?',
    );
  return lines.join('\n');
}
