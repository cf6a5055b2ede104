import { Priority } from '../priority.ts';
import { apiKeyStream, destinationsOf, jobStream } from '../routing.ts';
import { topics } from '../topics.ts';
import { type Contract, catalogue } from './catalogue.ts';

const topicsOf = ({ family, type }: Contract): string[] => {
  switch (family) {
    case 'job-event':
      // As the relay really routes it, whatever its priority.
      return Priority.options
        .flatMap((priority) => destinationsOf({ stream: jobStream('any'), type, data: { priority } }))
        .map(({ topic }) => topic);
    case 'account-event':
      return destinationsOf({ stream: apiKeyStream('any'), type, data: { account_id: 'any' } }).map(
        ({ topic }) => topic,
      );
    case 'task-report':
      return [topics.processing];
    case 'task-progress':
      return [topics.progress];
    case 'attempt-refused':
      return [topics.control];
  }
};

/** The messages on a topic. */
export const messagesOf = (topic: string): Contract[] =>
  catalogue.filter((contract) => topicsOf(contract).includes(topic));
