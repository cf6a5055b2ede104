/** Kafka topics: who writes each, how long it is kept and what it is for stands in docs/contracts. */
export const topics = {
  jobs: 'transcodeflow.jobs',
  accounts: 'transcodeflow.accounts',
  tasks: {
    high: 'transcodeflow.tasks.high',
    normal: 'transcodeflow.tasks.normal',
    low: 'transcodeflow.tasks.low',
  },
  processing: 'transcodeflow.processing',
  progress: 'transcodeflow.progress',
  control: 'transcodeflow.control',
  deadLetter: (topic: string) => `${topic}.dead-letter`,
} as const;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface TopicSettings {
  topic: string;
  partitions: number;
  /** Kafka topic configuration. */
  config: Record<string, string>;
}

const kept = (topic: string, milliseconds: number, config: Record<string, string> = {}): TopicSettings => ({
  topic,
  partitions: 6,
  config: { 'retention.ms': String(milliseconds), ...config },
});

/**
 * Every topic with its settings. `processing` and `progress` are keyed by job and have the same number of
 * partitions, so one process manager owns both the facts and the heartbeats of a job.
 */
export const topicSettings: readonly TopicSettings[] = [
  kept(topics.jobs, -1),
  kept(topics.accounts, -1),
  ...Object.values(topics.tasks).map((topic) => kept(topic, 7 * DAY)),
  kept(topics.processing, 7 * DAY),
  // The broker's clock: leases must not depend on the clocks of the processors' machines.
  kept(topics.progress, HOUR, { 'message.timestamp.type': 'LogAppendTime' }),
  { ...kept(topics.control, HOUR), partitions: 1 },
];

/** Topics whose poison messages are parked beside them. */
export const deadLetterSettings: readonly TopicSettings[] = topicSettings.map(({ topic }) => ({
  ...kept(topics.deadLetter(topic), -1),
  partitions: 1,
}));
