import { AppError } from '@transcodeflow/shared/errors.ts';
import test from 'ava';
import fc from 'fast-check';
import type { Reservation } from './reservations.ts';
import { jobHolder, openTestStorage } from './testing.ts';

const NEVER_MS = 1_000_000_000;
const QUOTA = 5_000;

const id = fc.constantFrom('a', 'b', 'c', 'd');
const bytes = fc.integer({ min: 0, max: 2_000 });
/** By number among those that a lane has made: some of them are fenced, settled or released by then. */
const which = fc.nat(7);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constant('reserve' as const), id, bytes, isUpload: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('grow' as const), which, bytes }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('settle' as const), which, bytes }) },
  fc.record({ op: fc.constant('renew' as const), which }),
  fc.record({ op: fc.constant('giveBack' as const), which }),
  fc.record({ op: fc.constant('release' as const), id, isUpload: fc.boolean() }),
  fc.record({ op: fc.constant('transfer' as const), id, to: id }),
  fc.record({ op: fc.constant('correct' as const), id, share: fc.constantFrom(undefined, 0, 10) }),
  fc.record({ op: fc.constant('lapse' as const), id }),
  fc.record({ op: fc.constant('sweep' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

test('the sums are those of the holders at every moment, and the quota holds, however calls interleave', async (t) => {
  const { reservations, janitor, rows } = await openTestStorage(t, NEVER_MS);
  const name = (key: string, isUpload: boolean) => (isUpload ? `upload-${key}` : key);

  async function take(step: Step, made: Reservation[]): Promise<unknown> {
    switch (step.op) {
      case 'reserve': {
        const holder = jobHolder(
          name(step.id, step.isUpload),
          QUOTA,
          'bd'.includes(step.id) ? 'bert' : 'anna',
        );
        return made.push(
          await reservations.reserve({ ...holder, kind: step.isUpload ? 'upload' : 'job' }, step.bytes),
        );
      }
      case 'grow':
        return made[step.which]?.grow(step.bytes);
      case 'settle':
        return made[step.which]?.settle(step.bytes);
      case 'renew':
        return made[step.which]?.renew();
      case 'giveBack':
        return made[step.which]?.release();
      case 'release':
        return reservations.release(name(step.id, step.isUpload));
      case 'transfer':
        return made.push(await reservations.transfer(name(step.id, true), step.to));
      case 'correct':
        return reservations.correct(step.id, async () => step.share);
      case 'lapse':
        return rows(
          `update storage.holder set lease_until = now() - interval '1 second'
           where id = $1 and lease_until is not null`,
          [step.id],
        );
      case 'sweep':
        return janitor.sweep();
    }
  }

  async function lane(steps: Step[], count: (outcome: string) => void): Promise<void> {
    const made: Reservation[] = [];
    for (const step of steps)
      await take(step, made).then(
        () => count(step.op),
        (error: unknown) => {
          // A refusal is an answer; anything else, such as a deadlock, is a fault.
          if (!(error instanceof AppError)) throw error;
          count(error.code);
        },
      );
  }

  const drifted = () =>
    rows(
      `select account_id, used_bytes, reserved_bytes, used, reserved from storage.account
       full join (
         select account_id, coalesce(sum(bytes) filter (where lease_until is null), 0) as used,
           coalesce(sum(bytes) filter (where lease_until is not null), 0) as reserved
         from storage.holder group by account_id
       ) as held using (account_id)
       where used_bytes is distinct from coalesce(used, 0) or reserved_bytes is distinct from coalesce(reserved, 0)
         or used_bytes + reserved_bytes > ${QUOTA}`,
    );

  const outcomes: Record<string, number> = {};
  const count = (outcome: string) => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 5, maxLength: 25 }), { minLength: 4, maxLength: 8 }),
      async (lanes) => {
        let isRunning = true;
        const running = Promise.all(lanes.map((steps) => lane(steps, count))).finally(() => {
          isRunning = false;
        });
        while (isRunning) t.deepEqual(await drifted(), []);
        await running;
        t.deepEqual(await drifted(), []);
      },
    ),
    { numRuns: 25 },
  );
  t.log(outcomes);
  for (const expected of ['quota_exceeded', 'upload_timed_out', 'request_in_progress'])
    t.true((outcomes[expected] ?? 0) > 0, `${expected} was among the answers`);
});
