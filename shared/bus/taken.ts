import type { BatchHandler } from './bus.ts';

/** How many of `offered` messages a handler's answer stands for: nothing means all, never out of 0 … offered. */
export const takenOf = (answer: Awaited<ReturnType<BatchHandler>>, offered: number): number => {
  if (typeof answer !== 'number') return offered;
  if (!Number.isInteger(answer) || answer < 0)
    throw new RangeError(
      `A batch handler answered ${answer}: it must be how many messages it took, 0 … ${offered}.`,
    );
  return Math.min(answer, offered);
};
