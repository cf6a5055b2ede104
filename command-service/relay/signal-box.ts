/** Wakes lanes by topic. A signal that comes while nobody waits is kept for the next wait. */
export interface SignalBox {
  raise(topics: readonly string[]): void;
  /** Resolves at the next signal for the topic, after `timeoutMs`, or when aborted. */
  wait(topic: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
}

export function createSignalBox(topics: readonly string[]): SignalBox {
  const raised = new Set<string>();
  const waiting = new Map<string, () => void>();
  return {
    raise(names) {
      for (const topic of names.length > 0 ? names : topics) {
        const wake = waiting.get(topic);
        if (wake) wake();
        else raised.add(topic);
      }
    },
    wait(topic, timeoutMs, signal) {
      if (raised.delete(topic) || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          waiting.delete(topic);
          resolve();
        };
        const timer = setTimeout(done, timeoutMs);
        signal.addEventListener('abort', done);
        waiting.set(topic, done);
      });
    },
  };
}
