import test from 'ava';
import { silentLogger } from '../../telemetry/logger.ts';
import { eventually } from '../../testing/bus/eventually.ts';
import { type Commit, OffsetCommitter } from './offset-committer.ts';

const one = { topic: 't', partition: 1 };
const two = { topic: 't', partition: 2 };

test('one request at a time; what is noted meanwhile goes along with the next', async (t) => {
  const requests: Commit[][] = [];
  const first = Promise.withResolvers<void>();
  const committer = new OffsetCommitter(async (commits) => {
    requests.push(commits);
    if (requests.length === 1) await first.promise;
  }, silentLogger);
  committer.own([one, two]);
  committer.note(one, 1n);
  committer.note(one, 2n);
  committer.note(one, 3n);
  committer.note(two, 7n);
  first.resolve();
  await committer.close();
  t.deepEqual(requests, [
    [{ ...one, offset: '1' }],
    [
      { ...one, offset: '3' },
      { ...two, offset: '7' },
    ],
  ]);
});

test('a refused commit is tried again, unless the partition is lost', async (t) => {
  const requests: Commit[][] = [];
  const committer = new OffsetCommitter(async (commits) => {
    requests.push(commits);
    if (requests.length < 3) throw new Error('The group is rebalancing.');
  }, silentLogger);
  committer.own([one, two]);
  committer.note(one, 5n);
  committer.note(two, 6n);
  committer.own([two]);
  committer.note(one, 9n);
  await eventually('it was tried three times', () => requests.length === 3);
  await committer.close();
  t.deepEqual(requests.at(-1), [{ ...two, offset: '6' }]);
});
