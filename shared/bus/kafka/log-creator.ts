import { type LogEntry, type logCreator, logLevel } from 'kafkajs';
import type { Logger } from '../../telemetry/logger.ts';

/**
 * What kafkajs calls errors or warnings but is the normal course of a rebalance, or reported by this adapter: an
 * outage of 70 s made 2,000 lines of refused connections.
 */
const EXPECTED = [
  'The group is rebalancing',
  'The coordinator is not aware of this member',
  'Specified group generation id is not valid',
  'Connection error',
  'Failed to connect',
  'Limiting retries for the idempotent producer',
  'The replica is not available for the requested topic-partition',
];

const isExpected = ({ log: { message, error } }: LogEntry): boolean =>
  EXPECTED.some((text) => message.includes(text) || (typeof error === 'string' && error.includes(text)));

/**
 * kafkajs's log in ours. Its `info` is our `debug`; its `error` is our `warn`, as kafkajs retries, and what
 * is final reaches us as a rejection or a crash, which is logged where it is handled.
 */
export const createKafkaLog =
  (log: Logger): logCreator =>
  () =>
  (entry) => {
    const { message, timestamp: _, ...fields } = entry.log;
    const line = { kafkajs: entry.namespace, ...fields };
    if (entry.level === logLevel.DEBUG) log.trace(line, message);
    else if (entry.level === logLevel.INFO || isExpected(entry)) log.debug(line, message);
    else log.warn(line, message);
  };
