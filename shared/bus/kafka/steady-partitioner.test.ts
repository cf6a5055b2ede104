import test from 'ava';
import { createSteadyPartitioner } from './steady-partitioner.ts';

const partitionMetadata = Array.from({ length: 6 }, (_, partitionId) => ({
  partitionErrorCode: 0,
  partitionId,
  leader: 1,
  replicas: [1],
  isr: [1],
}));

test('a message without a key keeps its partition when it is sent again, which is noticed', (t) => {
  let retries = 0;
  const partition = createSteadyPartitioner(() => {
    retries += 1;
  })();
  const messages = Array.from({ length: 12 }, () => ({ value: 'x' }));
  const choose = () => messages.map((message) => partition({ topic: 't', partitionMetadata, message }));
  const first = choose();
  t.is(new Set(first).size, 6);
  t.is(retries, 0);
  t.deepEqual(choose(), first);
  t.is(retries, 12);
});
