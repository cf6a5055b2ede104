/**
 * A consumer of `transcodeflow.jobs` in a system of its own: nothing but a Kafka client and the contract in this
 * folder. It handles every job's events once and in order, although Kafka delivers some of them again.
 *
 *     KAFKA_BROKERS=localhost:9092 node docs/contracts/example-consumer.ts
 */
import { randomUUID } from 'node:crypto';
import { type IHeaders, Kafka, logLevel } from 'kafkajs';

/** A job event as this consumer uses it. Fields that it does not know are left alone: versions grow. */
export interface JobEvent {
  id: string;
  type: string;
  /** Version of the type: what `ce_dataschema` ends in. */
  version: number;
  jobId: string;
  /** Number in the job's stream, from 1 without gaps. */
  revision: number;
  time: string;
  data: unknown;
}

/**
 * What was handled. In earnest both live in your own database and are written in the transaction of what the event
 * changes there; then a crash between the two cannot happen, and each event has its effect exactly once.
 */
export interface Ledger {
  isHandled(eventId: string): Promise<boolean>;
  /** The last revision handled of a job; 0 for none. */
  revisionOf(jobId: string): Promise<number>;
  record(event: JobEvent): Promise<void>;
}

export function inMemoryLedger(): Ledger {
  const handled = new Set<string>();
  const revisions = new Map<string, number>();
  return {
    isHandled: async (eventId) => handled.has(eventId),
    revisionOf: async (jobId) => revisions.get(jobId) ?? 0,
    async record({ id, jobId, revision }) {
      handled.add(id);
      revisions.set(jobId, revision);
    },
  };
}

export interface ConsumerOptions {
  brokers: string[];
  /** One name per downstream system: its members share the partitions. */
  groupId: string;
  ledger: Ledger;
  /** Called once per event, in order per job. A rejection delivers the event again. */
  onEvent(event: JobEvent): Promise<void>;
}

/** Follows all jobs from the first event on. */
export async function followJobs({ brokers, groupId, ledger, onEvent }: ConsumerOptions) {
  const consumer = new Kafka({ brokers, clientId: groupId, logLevel: logLevel.ERROR }).consumer({ groupId });
  await consumer.connect();
  await consumer.subscribe({ topics: ['transcodeflow.jobs'], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const event = read(message.headers ?? {}, message.value);
      // Delivered again: after a crash or rebalance of this consumer, or of the relay that published it.
      if (await ledger.isHandled(event.id)) return;
      const reached = await ledger.revisionOf(event.jobId);
      if (event.revision !== reached + 1)
        throw new Error(`Job ${event.jobId} is at ${reached}, the next event is ${event.revision}`);
      await onEvent(event);
      await ledger.record(event);
    },
  });
  return { close: () => consumer.disconnect() };
}

/** CloudEvents 1.0 in Kafka's binary mode: attributes are headers, the value is the data as JSON. */
function read(headers: IHeaders, value: Buffer | null): JobEvent {
  const header = (name: string): string => {
    const text = headers[name]?.toString();
    if (text === undefined) throw new Error(`The header ${name} is missing`);
    return text;
  };
  const version = /:v(\d+)$/.exec(headers.ce_dataschema?.toString() ?? ':v1')?.[1];
  return {
    id: header('ce_id'),
    type: header('ce_type'),
    version: Number(version),
    jobId: header('ce_subject'),
    revision: Number(header('ce_revision')),
    time: header('ce_time'),
    data: JSON.parse(value?.toString() ?? 'null'),
  };
}

if (import.meta.main) {
  const brokers = (process.env.KAFKA_BROKERS ?? 'localhost:9092').split(',');
  const consumer = await followJobs({
    brokers,
    // A group of its own for each run: the ledger in memory does not outlive one either.
    groupId: `example-consumer-${randomUUID()}`,
    ledger: inMemoryLedger(),
    onEvent: async ({ time, jobId, revision, type }) => {
      process.stdout.write(`${time} ${jobId} ${revision} ${type}\n`);
    },
  });
  process.once('SIGINT', () => void consumer.close());
}
