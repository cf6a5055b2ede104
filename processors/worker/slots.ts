/** Topics in order of their class, highest first. */
export interface Slots {
  /** Takes a free slot for a task of the topic. `false`: none is free; the topic is resumed in its turn. */
  take(topic: string): boolean;
  release(): void;
  inUse(): number;
}

/** After so many grants in a row that passed a waiting lower class over, that class gets its turn. */
const GRANTS_IN_A_ROW = 4;
/** A slot kept for a resumed topic is given up if the topic turns out to have nothing (its partition moved away). */
const RESERVED_MS = 2_000;

/**
 * A processor's places for tasks. A free slot goes to the highest class that waits, but every fifth to the one that has
 * waited longest, so that lower classes are never starved.
 * @param topics highest class first
 * @param resume called when a slot is kept free for a topic that could not have one
 */
export function createSlots(
  count: number,
  topics: readonly string[],
  resume: (topic: string) => void,
): Slots {
  let used = 0;
  let passedOver = 0;
  const waiting = new Set<string>();
  const reserved = new Map<string, NodeJS.Timeout>();

  function grant(): void {
    if (used + reserved.size >= count || waiting.size === 0) return;
    const [longest] = waiting;
    const highest = topics.find((topic) => waiting.has(topic)) ?? longest;
    const topic = passedOver >= GRANTS_IN_A_ROW ? longest : highest;
    if (topic === undefined) return;
    passedOver = topic === longest ? 0 : passedOver + 1;
    waiting.delete(topic);
    const timer = setTimeout(() => {
      reserved.delete(topic);
      grant();
    }, RESERVED_MS).unref();
    reserved.set(topic, timer);
    resume(topic);
  }

  return {
    take(topic) {
      const reservation = reserved.get(topic);
      if (reservation !== undefined) {
        clearTimeout(reservation);
        reserved.delete(topic);
      } else if (used + reserved.size >= count) {
        waiting.add(topic);
        return false;
      }
      used += 1;
      return true;
    },
    release() {
      used -= 1;
      grant();
    },
    inUse: () => used,
  };
}
