import { openEventSource } from '../../query-service/testing/event-source.ts';

/** One stream to open: every tenth of them hangs up on the way and comes back with the last id it has. */
export interface Wanted {
  path: string;
  key: string;
}

export type Order = { open: Wanted[]; url: string } | { report: true };

/** Of each stream, what it got, as `<end of the job's id>.<revision>`; or how many have it all. */
export type Report = { opened: number } | { received: string[][]; ended: number; reconnects: number };

const HANG_UP_AFTER = 7;
const LANES = 50;

/** The clients in a process of their own, so that the service's memory and time can be told from theirs. */
const received: string[][] = [];
let ended = 0;
let reconnects = 0;

process.on('message', (order: Order) => {
  if ('open' in order) void openAll(order.url, order.open);
  else process.send?.({ received, ended, reconnects } satisfies Report);
});

async function openAll(url: string, wanted: readonly Wanted[]): Promise<void> {
  const left = wanted.map((want, index) => ({ want, index }));
  for (const _ of wanted) received.push([]);
  const lane = async () => {
    for (let next = left.shift(); next; next = left.shift()) await follow(url, next.want, next.index);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  process.send?.({ opened: wanted.length } satisfies Report);
}

async function follow(url: string, { path, key }: Wanted, index: number, lastId?: string): Promise<void> {
  const mine = received[index] ?? [];
  const hangsUp = index % 10 === 0 && lastId === undefined;
  const source = await openEventSource(url + path, {
    key,
    headers: lastId === undefined ? {} : { 'Last-Event-ID': lastId },
    onFrame(frame) {
      if (frame.id === undefined) return true;
      const { job_id, revision } = JSON.parse(frame.data) as { job_id: string; revision: number };
      mine.push(`${job_id.slice(-4)}.${revision}`);
      if (!hangsUp || mine.length < HANG_UP_AFTER) return true;
      reconnects += 1;
      source.close();
      void follow(url, { path, key }, index, frame.id);
      return false;
    },
    onEnd: () => {
      ended += 1;
    },
  });
}
