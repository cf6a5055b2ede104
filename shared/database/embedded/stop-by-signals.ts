/**
 * PostgreSQL's ways to stop, in turn: fast (sessions end, checkpoint), immediate (recovery at the next
 * start), and the kernel's. Bounded by ~17 s; the events are safe with each.
 * @param hasEnded waits at most so many milliseconds
 */
export async function stopBySignals(
  send: (signal: NodeJS.Signals) => void,
  hasEnded: (timeout: number) => Promise<boolean>,
  first: 'SIGINT' | 'SIGQUIT' = 'SIGINT',
): Promise<void> {
  const steps = [
    { signal: 'SIGINT', timeout: 10_000 },
    { signal: 'SIGQUIT', timeout: 5_000 },
    { signal: 'SIGKILL', timeout: 2_000 },
  ] as const;
  for (const { signal, timeout } of steps.slice(first === 'SIGINT' ? 0 : 1)) {
    try {
      send(signal);
    } catch {
      // Gone already.
    }
    if (await hasEnded(timeout)) return;
  }
  throw new Error('PostgreSQL does not end, not even by SIGKILL: its storage may hang');
}
