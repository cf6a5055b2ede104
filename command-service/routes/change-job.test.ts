import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { reportMessage, reports } from '../testing/core.ts';
import { form, openCommandService, videoBytes } from '../testing/http.ts';

async function open(t: Parameters<typeof openCommandService>[0]) {
  const service = await openCommandService(t);
  const uploaded = (await (await service.upload(form({ file: videoBytes() }))).json()) as { job_id: string };
  const post = (path: string, key?: string) => service.call(`/api/jobs/${path}`, { method: 'POST' }, key);
  const remove = (id: string, key?: string) => service.call(`/api/jobs/${id}`, { method: 'DELETE' }, key);
  const codeOf = async (response: Response) => [
    response.status,
    ((await response.json()) as { code: string }).code,
  ];
  return { ...service, id: uploaded.job_id, post, remove, codeOf };
}

test('a job can be cancelled once', async (t) => {
  const { id, post, codeOf, events } = await open(t);
  const response = await post(`${id}/cancel`);
  t.is(response.status, 200);
  t.deepEqual(await response.json(), { job_id: id, status: 'cancelled' });
  t.deepEqual(await codeOf(await post(`${id}/cancel`)), [400, 'already_finished']);
  t.deepEqual(await events(), ['JobRequested', 'TaskScheduled', 'JobCancelled']);
});

test('I7: of many cancels at once one is carried out', async (t) => {
  const { id, post, events } = await open(t);
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(`${id}/cancel`)));
  t.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array.from({ length: 7 }, () => 400)]);
  t.is((await events()).filter((type) => type === 'JobCancelled').length, 1);
});

test('only a failed job can be retried', async (t) => {
  const { id, post, codeOf, bus } = await open(t);
  t.deepEqual(await codeOf(await post(`${id}/retry`)), [400, 'not_retryable']);
  await bus.publish([reportMessage(reports.failed(id, 'inspect', { retryable: false }))]);
  const response = await post(`${id}/retry`);
  t.is(response.status, 200);
  t.deepEqual(await response.json(), { job_id: id, status: 'queued' });
});

test('a deleted job is gone, with its objects', async (t) => {
  const { id, remove, codeOf, keys, post } = await open(t);
  t.is((await keys()).length, 1);
  const response = await remove(id);
  t.deepEqual(await response.json(), { job_id: id, deleted: true });
  t.deepEqual(await codeOf(await remove(id)), [404, 'job_not_found']);
  t.deepEqual(await codeOf(await post(`${id}/cancel`)), [404, 'job_not_found']);
  await until('its objects are swept', async () => (await keys()).length === 0);
});

test('a job that ends keeps its source and loses what no accepted attempt left', async (t) => {
  const { id, post, objects, keys, bus } = await open(t);
  const { Readable } = await import('node:stream');
  await objects.put(`jobs/${id}/tasks/encode/1-zombie/360p.mp4`, Readable.from(['leftover']));
  const swept = Promise.withResolvers<void>();
  await bus.subscribe({
    group: { broadcast: 'watch' },
    topics: [topics.control],
    handler: async () => swept.resolve(),
  });
  await post(`${id}/cancel`);
  await until('only the source is left', async () => (await keys()).length === 1);
  t.deepEqual(await keys(), [`jobs/${id}/source`]);
});

test('jobs of others, unknown ones and ids that are none', async (t) => {
  const { id, post, remove, codeOf, events } = await open(t);
  for (const answer of [
    await post(`${id}/cancel`, 'bert'),
    await post(`${id}/retry`, 'bert'),
    await remove(id, 'bert'),
  ])
    t.deepEqual(await codeOf(answer), [403, 'job_of_another_account']);
  for (const unknown of ['019b7a11-7000-7000-8000-00000000000a', 'nonsense', '1'])
    for (const answer of [await post(`${unknown}/cancel`), await remove(unknown)])
      t.deepEqual(await codeOf(answer), [404, 'job_not_found']);
  t.deepEqual(await codeOf(await post(`${id}/cancel`, 'reader')), [403, 'scope_missing']);
  t.deepEqual(await codeOf(await post(`${id}/cancel`, 'nobody')), [401, 'api_key_invalid']);
  t.deepEqual(await codeOf(await post(`${id}/explode`)), [404, 'route_not_found']);
  t.like(await events(), { length: 2 });
});
