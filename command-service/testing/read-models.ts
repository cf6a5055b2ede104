import type { Bus, Subscription } from '@transcodeflow/shared/bus/bus.ts';
import { jobEventFrom } from '@transcodeflow/shared/contracts/job-event-envelope.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { encodeNotices, READ_MODEL_CHANNEL, readModels } from '@transcodeflow/shared/read-model/channel.ts';
import type { Pool } from 'pg';

/** Read models that only say how far they are, which is what commands wait for. */
export const readModelsOf = (bus: Bus, pool: Pool): Promise<Subscription> =>
  bus.subscribe({
    group: 'read models',
    topics: [topics.jobs],
    handler: async ({ messages }) => {
      for (const { job_id, revision } of messages.map(jobEventFrom))
        for (const name of readModels)
          for (const notice of encodeNotices(name, [[job_id, revision]]))
            await pool.query('select pg_notify($1, $2)', [READ_MODEL_CHANNEL, notice]);
    },
  });
