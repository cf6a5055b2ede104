import type { Logger } from '../../telemetry/logger.ts';
import type { BatchHandler } from '../bus.ts';
import { TopicGate } from '../topic-gate.ts';

/** One subscription, as the queues it takes from see it. */
export interface Member {
  readonly handler: BatchHandler;
  readonly gate: TopicGate;
  readonly log: Logger;
}

export const createMember = (handler: BatchHandler, log: Logger): Member => ({
  handler,
  log,
  gate: new TopicGate(),
});
