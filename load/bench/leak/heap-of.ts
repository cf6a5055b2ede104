import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const Targets = z.array(z.object({ webSocketDebuggerUrl: z.string() })).min(1);
const Reply = z.object({
  id: z.number().optional(),
  error: z.unknown().optional(),
  result: z.object({ result: z.object({ value: z.unknown() }).optional() }).optional(),
});
const Memory = z.object({ heapUsed: z.number(), external: z.number(), rss: z.number() });
export type Memory = z.infer<typeof Memory>;

/** The memory of a Node process that was started with `--inspect=127.0.0.1:port`, after its garbage was collected. */
export async function heapOf(port: number): Promise<Memory> {
  const [target] = Targets.parse(await (await fetch(`http://127.0.0.1:${port}/json/list`)).json());
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error('The inspector does not answer')), {
      once: true,
    });
  });
  let last = 0;
  const ask = (method: string, params: object = {}) =>
    new Promise<z.infer<typeof Reply>>((resolve, reject) => {
      last += 1;
      const id = last;
      const onMessage = ({ data }: MessageEvent) => {
        const reply = Reply.parse(JSON.parse(String(data)));
        if (reply.id !== id) return;
        socket.removeEventListener('message', onMessage);
        if (reply.error) reject(new Error(`${method}: ${JSON.stringify(reply.error)}`));
        else resolve(reply);
      };
      socket.addEventListener('message', onMessage);
      socket.send(JSON.stringify({ id, method, params }));
    });
  try {
    // What finalizers let go of is only collected the next time.
    for (let time = 0; time < 3; time += 1) {
      await ask('HeapProfiler.collectGarbage');
      await sleep(50);
    }
    const { result } = await ask('Runtime.evaluate', {
      expression: 'process.memoryUsage()',
      returnByValue: true,
    });
    return Memory.parse(result?.result?.value);
  } finally {
    socket.close();
  }
}
