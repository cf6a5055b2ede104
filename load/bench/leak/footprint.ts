import { readdir } from 'node:fs/promises';
import { z } from 'zod';
import { descendants, partOf, proportionalSetSize } from '../memory/process-tree.ts';
import type { Inspector } from './inspector.ts';

/** What a process holds after its garbage was collected, in bytes and in numbers. */
export interface Footprint {
  /** Objects of JavaScript, and buffers beside it. */
  heap: number;
  /** Bytecode and machine code: of functions that become hot, again and again for some, until all are. */
  code: number;
  /** Everything: native memory too, shared pages divided among those that share them. */
  pss: number;
  /** Timers, sockets, children: what keeps Node's event loop alive. */
  handles: number;
  open_files: number;
  postgres_connections: number;
}

const Seen = z.object({
  heapUsed: z.number(),
  external: z.number(),
  handles: z.number(),
  spaces: z.array(z.object({ space_name: z.string(), space_used_size: z.number() })),
});
const LOOK = `({
  ...process.memoryUsage(),
  handles: process.getActiveResourcesInfo().length,
  spaces: process.getBuiltinModule('node:v8').getHeapSpaceStatistics(),
})`;
/** V8's spaces of machine code, and of bytecode and what belongs to both. */
const CODE = /code|trusted/;
/** `postgres: user database 127.0.0.1(port) idle`; those without a port are the server's own. */
const CONNECTION = /^postgres: .*\(\d+\)/;

/** Linux only. @param pid of the inspected process, whose PostgreSQL runs below it */
export async function footprint(pid: number, inspector: Inspector): Promise<Footprint> {
  await inspector.collectGarbage();
  const { heapUsed, external, handles, spaces } = Seen.parse(await inspector.evaluate(LOOK));
  const code = spaces
    .filter(({ space_name }) => CODE.test(space_name))
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0);
  const below = await descendants(pid);
  return {
    heap: heapUsed + external - code,
    code,
    pss: await proportionalSetSize(pid),
    handles,
    open_files: (await readdir(`/proc/${pid}/fd`)).length,
    postgres_connections: below.filter(
      ({ command }) => partOf(command) === 'postgres' && CONNECTION.test(command),
    ).length,
  };
}
