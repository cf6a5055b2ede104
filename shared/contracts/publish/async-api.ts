import { deadLetterSettings, type TopicSettings, topicSettings } from '../topics.ts';
import { type Contract, catalogue, schemaPath } from './catalogue.ts';
import { headersOf, parkedHeaders } from './headers.ts';
import { messagesOf } from './messages-of.ts';
import { describeTopic } from './topic-descriptions.ts';

const HOUR = 3_600_000;

const inWords = ({ config }: TopicSettings): string => {
  const kept = Number(config['retention.ms']);
  if (kept < 0) return 'kept without limit';
  return kept % (24 * HOUR) === 0 ? `kept for ${kept / (24 * HOUR)} days` : `kept for ${kept / HOUR} h`;
};

const reference = (path: string) => ({ $ref: path });
const messageName = ({ family, type }: Contract): string =>
  ({ 'job-event': `${type}Event`, 'account-event': `${type}Event`, 'task-report': `${type}Report` })[
    family as string
  ] ?? type;

const binding = ({ partitions, config }: TopicSettings) => ({
  kafka: {
    partitions,
    topicConfiguration: { 'retention.ms': Number(config['retention.ms']) },
    bindingVersion: '0.5.0',
  },
});

const channel = (settings: TopicSettings) => {
  const { writer, key, purpose } = describeTopic(settings);
  return {
    address: settings.topic,
    title: settings.topic,
    description: `${purpose}\n\nWritten by: ${writer}. Retention: ${inWords(settings)}. Key: ${key}`,
    messages: Object.fromEntries(
      messagesOf(settings.topic)
        .map(messageName)
        .map((name) => [name, reference(`#/components/messages/${name}`)]),
    ),
    bindings: binding(settings),
  };
};

const deadLetterChannel = (settings: TopicSettings) => ({
  address: settings.topic,
  title: settings.topic,
  description: `Messages of the topic of that name that could not be handled, as they were, with headers that say why. Written by: any consumer. Retention: ${inWords(settings)}.`,
  messages: { ParkedMessage: reference('#/components/messages/ParkedMessage') },
  bindings: binding(settings),
});

const message = (contract: Contract) => ({
  name: contract.type,
  title: contract.type,
  summary: contract.description,
  contentType: 'application/json',
  correlationId: { location: '$message.header#/ce_correlationid' },
  headers: headersOf(contract),
  payload: {
    schemaFormat: 'application/schema+json;version=draft-2020-12',
    schema: reference(`./schemas/${schemaPath(contract)}`),
  },
});

const named = (prefix: string, settings: TopicSettings) =>
  `${prefix}${settings.topic.replaceAll(/[.-]/g, '_')}`;

/** AsyncAPI 3.0 of all topics; the data of each message is in a JSON Schema file beside it. */
export const asyncApi = (version: string): object => ({
  asyncapi: '3.0.0',
  info: {
    title: 'TranscodeFlow',
    version,
    description:
      'The messages of TranscodeFlow on Kafka. What is promised about them: README.md beside this file.',
    license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
  },
  defaultContentType: 'application/json',
  channels: Object.fromEntries([
    ...topicSettings.map((settings) => [named('', settings), channel(settings)]),
    ...deadLetterSettings.map((settings) => [named('', settings), deadLetterChannel(settings)]),
  ]),
  operations: Object.fromEntries(
    [...topicSettings, ...deadLetterSettings].map((settings) => [
      named('send_', settings),
      { action: 'send', channel: reference(`#/channels/${named('', settings)}`) },
    ]),
  ),
  components: {
    messages: {
      ...Object.fromEntries(catalogue.map((contract) => [messageName(contract), message(contract)])),
      ParkedMessage: {
        name: 'ParkedMessage',
        title: 'A parked message',
        summary: 'The message as it was published, and in further headers why it could not be handled.',
        headers: parkedHeaders(),
      },
    },
  },
});
