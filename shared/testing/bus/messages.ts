import type { BatchHandler, IncomingMessage, OutgoingMessage } from '../../bus/bus.ts';

export const outgoing = (topic: string, text: string, key?: string): OutgoingMessage => ({
  topic,
  headers: {},
  value: Buffer.from(text),
  ...(key === undefined ? {} : { key }),
});

export const numbered = (topic: string, count: number, key?: string): OutgoingMessage[] =>
  Array.from({ length: count }, (_, index) => outgoing(topic, String(index), key));

export const texts = (messages: readonly IncomingMessage[]): string[] =>
  messages.map(({ value }) => value.toString());

/** A handler that takes everything and remembers it. */
export const collect = (): { handler: BatchHandler; got: IncomingMessage[] } => {
  const got: IncomingMessage[] = [];
  const handler: BatchHandler = async ({ messages }) => {
    got.push(...messages);
  };
  return { got, handler };
};

let groups = 0;
export const newGroup = (): string => `group-${process.pid}-${++groups}`;

/** What `numbered` of as many messages gives. */
export const texts0to = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => String(index));
