import { readdir } from 'node:fs/promises';
import { z } from 'zod';
import { descendants, partOf, proportionalSetSize } from '../memory/process-tree.ts';
import type { Inspector } from './inspector.ts';

/** What a process holds after its garbage was collected, in bytes and in numbers. */
export interface Footprint {
  /** Of JavaScript, and buffers beside it. */
  heap: number;
  /** Everything: native memory too, shared pages divided among those that share them. */
  pss: number;
  /** Timers, sockets, children: what keeps Node's event loop alive. */
  handles: number;
  open_files: number;
  postgres_connections: number;
}

const Seen = z.object({ heapUsed: z.number(), external: z.number(), handles: z.number() });
const LOOK = '({ ...process.memoryUsage(), handles: process.getActiveResourcesInfo().length })';
/** `postgres: user database 127.0.0.1(port) idle`; those without a port are the server's own. */
const CONNECTION = /^postgres: .*\(\d+\)/;

/** Linux only. @param pid of the inspected process, whose PostgreSQL runs below it */
export async function footprint(pid: number, inspector: Inspector): Promise<Footprint> {
  await inspector.collectGarbage();
  const { heapUsed, external, handles } = Seen.parse(await inspector.evaluate(LOOK));
  const below = await descendants(pid);
  return {
    heap: heapUsed + external,
    pss: await proportionalSetSize(pid),
    handles,
    open_files: (await readdir(`/proc/${pid}/fd`)).length,
    postgres_connections: below.filter(
      ({ command }) => partOf(command) === 'postgres' && CONNECTION.test(command),
    ).length,
  };
}
