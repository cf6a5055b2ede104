import { randomUUID } from 'node:crypto';
import test from 'ava';
import { events } from '../testing/histories.ts';
import { removeOld } from './retention.ts';
import { endpointCreated, openWebhooks } from './testing/bench.ts';

test('what ended 30 days ago goes, what nobody was told of after 7; what is pending stays', async (t) => {
  const webhooks = await openWebhooks(t);
  await webhooks.publish([webhooks.ofAccount(endpointCreated('https://example.com/'))]);
  const jobs = [randomUUID(), randomUUID(), randomUUID()];
  const untold = randomUUID();
  await webhooks.publish([
    ...jobs.map((job) => webhooks.ofJob(job, events.requested(job))),
    webhooks.ofJob(untold, events.requested(untold, { account_id: 'account-2' })),
  ]);
  const end = (job: string, days: number) =>
    webhooks.rows(
      `update webhook.delivery set status = 'delivered', finished_at = now() - $2 * interval '1 day' where job_id = $1`,
      [job, days],
    );
  await end(jobs[0]!, 29);
  await end(jobs[1]!, 31);
  await webhooks.rows(
    `insert into webhook.attempt (delivery_id, number) select delivery_id, 1 from webhook.delivery`,
  );
  const left = async () => ({
    deliveries: (await webhooks.deliveries()).map(({ job_id }) => job_id),
    events: (
      await webhooks.rows<{ job_id: string }>('select job_id from webhook.event order by position')
    ).map(({ job_id }) => job_id),
    attempts: (await webhooks.rows('select from webhook.attempt')).length,
  });
  const kept = [jobs[0]!, jobs[2]!];
  await removeOld(webhooks.pool);
  t.deepEqual(await left(), { deliveries: kept, events: [...jobs, untold], attempts: 2 });
  await webhooks.rows(`update webhook.event set time = now() - interval '8 days'`);
  await removeOld(webhooks.pool);
  t.deepEqual(await left(), { deliveries: kept, events: kept, attempts: 2 });
});
