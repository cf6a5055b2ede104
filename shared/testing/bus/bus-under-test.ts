import type { Bus } from '../../bus/bus.ts';

/** What a suite needs of an adapter. */
export interface BusUnderTest {
  open(): Promise<Bus>;
  /** A topic nobody used before. */
  topic(partitions: number): Promise<string>;
}

/** Runs a test with a bus of its own. */
export const busOf =
  (subject: () => BusUnderTest) =>
  async (run: (bus: Bus, topic: (partitions: number) => Promise<string>) => Promise<void>): Promise<void> => {
    const bus = await subject().open();
    try {
      await run(bus, (partitions) => subject().topic(partitions));
    } finally {
      await bus.close();
    }
  };
