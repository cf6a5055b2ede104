import type { Acceleration } from './hardware-report.ts';

/** What a driver refused may be free again: other programs hold sessions too. */
const LEARNED_MS = 600_000;

/** Which devices this processor encodes on, and how many encodes each of them takes at once. */
export interface DeviceSessions {
  /** @returns gives them back; undefined: the device takes no so many more */
  take(device: Acceleration, count: number): (() => void) | undefined;
  /** The driver refused what was taken last: for ten minutes the device gets no more than the others hold. */
  refused(device: Acceleration, count: number): void;
  /** Of the devices of one kind, those with the least to do first. */
  leastBusyFirst(usable: readonly Acceleration[]): Acceleration[];
}

const keyOf = ({ kind, device = '' }: Acceleration) => `${kind} ${device}`;

/** @param limit encodes at once on each device; absent: as many as its driver takes */
export function openDeviceSessions(limit = Number.POSITIVE_INFINITY, now = () => Date.now()): DeviceSessions {
  const inUse = new Map<string, number>();
  const learned = new Map<string, { limit: number; until: number }>();
  const used = (device: Acceleration) => inUse.get(keyOf(device)) ?? 0;
  const add = (device: Acceleration, count: number) => inUse.set(keyOf(device), used(device) + count);

  function limitOf(device: Acceleration): number {
    const known = learned.get(keyOf(device));
    return known && known.until > now() ? Math.min(limit, known.limit) : limit;
  }

  return {
    take(device, count) {
      // A run that needs more than there ever are is tried when it is alone: the driver has the last word.
      if (used(device) > 0 && used(device) + count > limitOf(device)) return undefined;
      add(device, count);
      let held = true;
      return () => {
        if (held) add(device, -count);
        held = false;
      };
    },
    refused(device, count) {
      const others = used(device) - count;
      // With none of our own beside it, other programs have them all: that tells nothing of how many there are.
      if (others > 0) learned.set(keyOf(device), { limit: others, until: now() + LEARNED_MS });
    },
    leastBusyFirst(usable) {
      const rank = ({ kind }: Acceleration) => usable.findIndex((each) => each.kind === kind);
      return usable.toSorted((a, b) => rank(a) - rank(b) || used(a) - used(b));
    },
  };
}
