import type { Pool } from 'pg';
import { until } from '../testing/until.ts';
import { createOperator, type RetryOutcome, type Selection } from './operator.ts';

/** An operator, for tests: what is parked as short lines, and retries that are waited for. */
export function testOperator(pool: Pool) {
  const operator = createOperator(pool);
  return {
    ...operator,
    /** `consumer job type tries`, oldest first. */
    async parked(): Promise<string[]> {
      return (await operator.list()).map(
        ({ consumer, job_id, type, attempts }) => `${consumer} ${job_id} ${type} ${attempts}`,
      );
    },
    async retry(selection: Selection): Promise<RetryOutcome> {
      const requested = await operator.requestRetry(selection);
      return until('the retry was taken up', async () => {
        const outcome = await operator.outcome(requested);
        return outcome.waiting.length === 0 && outcome;
      });
    },
  };
}
