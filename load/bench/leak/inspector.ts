import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const Targets = z.array(z.object({ webSocketDebuggerUrl: z.string() })).min(1);
const Reply = z.object({
  id: z.number().optional(),
  error: z.unknown().optional(),
  result: z
    .object({ result: z.object({ value: z.unknown() }).optional(), exceptionDetails: z.unknown().optional() })
    .optional(),
});
type Reply = z.infer<typeof Reply>;

export interface Inspector {
  /** Collects all garbage; what finalizers let go of is only collected the next time, hence three times. */
  collectGarbage(): Promise<void>;
  /** The value of an expression in the process, which must be one of JSON. @throws {Error} what it threw */
  evaluate(expression: string): Promise<unknown>;
  close(): void;
}

/** The inspector of a Node process that was started with `--inspect=127.0.0.1:port`. */
export async function openInspector(port: number): Promise<Inspector> {
  const [target] = Targets.parse(await (await fetch(`http://127.0.0.1:${port}/json/list`)).json());
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
  const waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  socket.addEventListener('message', ({ data }) => {
    const reply = Reply.parse(JSON.parse(String(data)));
    waiting.get(reply.id ?? 0)?.resolve(reply);
    waiting.delete(reply.id ?? 0);
  });
  socket.addEventListener('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('The inspected process has gone'));
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error('The inspector does not answer')), {
      once: true,
    });
  });
  let last = 0;
  const ask = async (method: string, params: object = {}): Promise<Reply> => {
    last += 1;
    const id = last;
    const reply = await new Promise<Reply>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      socket.send(JSON.stringify({ id, method, params }));
    });
    const wrong = reply.error ?? reply.result?.exceptionDetails;
    if (wrong) throw new Error(`${method}: ${JSON.stringify(wrong)}`);
    return reply;
  };
  return {
    async collectGarbage() {
      for (let time = 0; time < 3; time += 1) {
        await ask('HeapProfiler.collectGarbage');
        await sleep(50);
      }
    },
    async evaluate(expression) {
      const { result } = await ask('Runtime.evaluate', { expression, returnByValue: true });
      return result?.result?.value;
    },
    close: () => socket.close(),
  };
}
