import { type TopicSettings, topics } from '../topics.ts';

export interface TopicDescription {
  writer: string;
  /** What Kafka's message key is. */
  key: string;
  purpose: string;
}

const JOB = 'The job’s id: messages of one job keep their order.';
const task = (name: string): TopicDescription => ({
  writer: 'relay',
  key: 'None: messages are spread over the partitions.',
  purpose: `Work of the class ${name} for the processors; the group’s lag is the signal to scale by.`,
});

const descriptions: Record<string, TopicDescription> = {
  [topics.jobs]: {
    writer: 'relay',
    key: JOB,
    purpose: 'Every event of every job: the public contract, for read models and downstream systems.',
  },
  [topics.accounts]: {
    writer: 'relay',
    key: 'The account’s id: messages of one account keep their order.',
    purpose: 'Every event of API keys and of webhook endpoints, without their secrets.',
  },
  [topics.tasks.high]: task('high'),
  [topics.tasks.normal]: task('normal'),
  [topics.tasks.low]: task('low'),
  [topics.processing]: {
    writer: 'processors',
    key: JOB,
    purpose: 'What processors report. No event yet: the process manager decides in the job’s stream.',
  },
  [topics.progress]: {
    writer: 'processors',
    key: JOB,
    purpose: 'Live progress of running tasks, which is also their heartbeat.',
  },
  [topics.control]: {
    writer: 'relay, process manager',
    key: JOB,
    purpose: 'What makes processors give up an attempt or a whole job.',
  },
};

/** @throws {Error} for a topic that nobody described */
export function describeTopic({ topic }: TopicSettings): TopicDescription {
  const description = descriptions[topic];
  if (!description) throw new Error(`Describe the topic ${topic} in shared/contracts/publish`);
  return description;
}
