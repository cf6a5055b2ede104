import { attemptPrefix } from '@transcodeflow/shared/objects/keys.ts';
import { sampleRequest } from '@transcodeflow/shared/testing/job-samples.ts';
import test from 'ava';
import fc from 'fast-check';
import { fold } from './testing/given.ts';
import { execute, interleavings, number, play, runs, settle } from './testing/interleavings.ts';
import { JOB } from './testing/job-story.ts';
import { isWithoutHardware } from './without-hardware.ts';

const FINAL = new Set(['JobCompleted', 'JobFailed', 'JobCancelled', 'JobDeleted']);

test('at most one end until the job is retried, and nothing but deletion after it', (t) => {
  fc.assert(
    fc.property(interleavings, (steps) => {
      let ended: string | undefined;
      for (const { type } of play(t, steps).events) {
        if (type === 'JobRetried') {
          t.is(ended, 'JobFailed');
          ended = undefined;
        } else if (ended !== undefined) {
          t.is(type, 'JobDeleted', `${type} after ${ended}`);
          t.not(ended, 'JobDeleted');
          ended = type;
        } else if (FINAL.has(type)) ended = type;
      }
    }),
    runs,
  );
});

test('epochs of a task grow by one, and each attempt has at most one owner and one end', (t) => {
  fc.assert(
    fc.property(interleavings, (steps) => {
      const epochs = new Map<string, number>();
      const owners = new Map<string, string>();
      const ends = new Set<string>();
      for (const { type, data } of play(t, steps).events) {
        if (!('epoch' in data)) continue;
        const attempt = `${data.task_id}/${data.epoch}`;
        if (type === 'TaskScheduled') {
          t.is(data.epoch, (epochs.get(data.task_id) ?? 0) + 1);
          epochs.set(data.task_id, data.epoch);
        }
        if (type === 'TaskStarted' && 'worker_id' in data) {
          t.false(owners.has(attempt), `${attempt} started twice`);
          owners.set(attempt, data.worker_id);
        }
        if (
          (type === 'TaskSucceeded' || type === 'TaskFailed' || type === 'TaskLost') &&
          'worker_id' in data
        ) {
          t.is(owners.get(attempt), data.worker_id);
          t.false(ends.has(attempt), `${attempt} ended twice`);
          ends.add(attempt);
        }
      }
    }),
    runs,
  );
});

test('I1, I5: a fair scheduler ends every job, and its outputs name only what was accepted', (t) => {
  const ends = new Map<string, number>();
  fc.assert(
    fc.property(interleavings, (steps) => {
      const world = play(t, steps);
      settle(t, world);
      const { status = 'none' } = world.state ?? {};
      t.true(['completed', 'failed', 'cancelled', 'deleted'].includes(status), status);
      ends.set(status, (ends.get(status) ?? 0) + 1);
      // Of a task that was done again, the last attempt.
      const accepted = new Map(
        world.events.flatMap(({ type, data }) =>
          type === 'TaskSucceeded' && 'worker_id' in data
            ? [[data.task_id, attemptPrefix(JOB, data.task_id, data.epoch, data.worker_id)]]
            : [],
        ),
      );
      for (const event of world.events) {
        if (event.type !== 'JobCompleted') continue;
        const keys = [
          ...Object.values(event.data.outputs.files).map(({ key }) => key),
          ...Object.values(event.data.outputs.folders),
        ];
        for (const key of keys)
          t.true(
            [...accepted.values()].some((prefix) => key.startsWith(prefix)),
            key,
          );
      }
      t.deepEqual(fold(world.events), world.state, 'the state is a fold of the events');
    }),
    runs,
  );
  // The worlds are not all alike: else the properties above would say nothing.
  t.true(
    ['completed', 'failed', 'cancelled', 'deleted'].every((status) => (ends.get(status) ?? 0) > 5),
    JSON.stringify([...ends]),
  );
});

test('I5: every task reads the source that was requested, or that the accepted attempt has fetched', (t) => {
  let fetched = 0;
  fc.assert(
    fc.property(interleavings, (interleaving) => {
      const world = play(t, interleaving);
      settle(t, world);
      const requested = interleaving.request && 'source' in interleaving.request;
      let source = requested ? undefined : sampleRequest(JOB).source;
      for (const event of world.events) {
        if (event.type === 'TaskSucceeded' && event.data.result.kind === 'ingest') {
          const { task_id, epoch, worker_id, result } = event.data;
          t.is(source, undefined, 'fetched once');
          t.true(result.source.key.startsWith(attemptPrefix(JOB, task_id, epoch, worker_id)));
          source = result.source;
          fetched += 1;
        }
        if (event.type === 'TaskScheduled' && 'source' in event.data.spec)
          t.deepEqual<unknown, unknown>(event.data.spec.source, source);
      }
    }),
    runs,
  );
  t.true(fetched > 20, `${fetched} were fetched`);
});

test('chunks are joined once all are there, of the accepted attempts alone, whatever was lost on the way', (t) => {
  let joined = 0;
  let repeated = 0;
  fc.assert(
    fc.property(interleavings, (interleaving) => {
      const world = play(t, interleaving);
      settle(t, world);
      const accepted = new Map<string, string>();
      for (const event of world.events) {
        if (event.type === 'TaskSucceeded') {
          const { task_id, epoch, worker_id } = event.data;
          t.false(accepted.has(task_id), `${task_id} succeeded twice`);
          accepted.set(task_id, attemptPrefix(JOB, task_id, epoch, worker_id));
          if (task_id.startsWith('encode-') && epoch > 1) repeated += 1;
        }
        if (event.type === 'TaskScheduled') accepted.delete(event.data.task_id);
        if (event.type !== 'TaskScheduled' || event.data.spec.kind !== 'stitch') continue;
        joined += 1;
        for (const { name, chunks } of event.data.spec.renditions)
          t.deepEqual(
            chunks.map(({ object }) => object.key),
            [1, 2, 3].map((number) => `${accepted.get(`encode-${number}`)}${name}.mp4`),
          );
      }
    }),
    runs,
  );
  t.true(joined > 20 && repeated > 20, `${joined} were joined, ${repeated} chunks repeated`);
});

test('I10: what the gate refuses of hardware is encoded again by the CPU, once, and all that was made of it', (t) => {
  let again = 0;
  fc.assert(
    fc.property(interleavings, (interleaving) => {
      const world = play(t, interleaving);
      settle(t, world);
      const successes = new Map<string, number>();
      for (const { type, data } of world.events) {
        if (type === 'TaskSucceeded' && 'result' in data)
          successes.set(data.task_id, (successes.get(data.task_id) ?? 0) + 1);
        if (type !== 'TaskScheduled' || !('spec' in data) || !successes.has(data.task_id)) continue;
        const { kind } = data.spec;
        if (kind !== 'encode' && kind !== 'encode-chunk') continue;
        t.true(isWithoutHardware(data.spec), `${data.task_id} is done again by the CPU`);
        again += 1;
      }
      for (const [task, count] of successes) t.true(count <= 2, `${task} succeeded ${count} times`);
      const end = world.events.findLast(({ type }) => type === 'JobFailed');
      if (world.state?.status !== 'failed' || end?.type !== 'JobFailed' || end.data.code !== 'gate_failed')
        return;
      for (const { spec, result } of Object.values(world.state.tasks))
        if (spec.kind === 'encode' && spec.renditions.length > 0 && result?.kind === 'encode')
          t.true(result.hardware === 'cpu', 'no job fails for what hardware made');
    }),
    runs,
  );
  t.true(again > 20, `${again} were done again`);
});

test('a repeated command never changes anything but an attempt that still waits', (t) => {
  fc.assert(
    fc.property(interleavings, number, (steps, past) => {
      const world = play(t, steps);
      const command = world.sent[past % world.sent.length];
      if (
        !command ||
        command.type === 'RetryJob' ||
        command.type === 'CancelJob' ||
        command.type === 'DeleteJob'
      )
        return;
      execute(t, world, command);
      const { length } = world.events;
      execute(t, world, command);
      t.is(world.events.length, length, `${command.type} repeated`);
    }),
    runs,
  );
});
