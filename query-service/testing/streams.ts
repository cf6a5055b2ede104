import { until } from '@transcodeflow/shared/testing/until.ts';
import type { ExecutionContext } from 'ava';
import { type OpenSource, openEventSource } from './event-source.ts';
import { openQueryService } from './service.ts';

const LONG_MS = 600_000;

/** The query service with event streams that end with the test. */
export async function openStreams(t: ExecutionContext, heartbeatMs = LONG_MS) {
  const service = await openQueryService(t, { heartbeatMs });
  const sources: OpenSource[] = [];
  t.teardown(() => {
    for (const source of sources) source.close();
  });
  return {
    ...service,
    async source(path: string, options?: Parameters<typeof openEventSource>[1]) {
      const source = await openEventSource(service.server.url + path, options);
      sources.push(source);
      return source;
    },
  };
}

/** Of which types the events are that came. */
export const types = ({ frames }: OpenSource) => frames.map(({ event }) => event);
export const ids = ({ frames }: OpenSource) => frames.map(({ id }) => id);
export const has = (source: OpenSource, count: number) =>
  until(`${count} frames`, () => source.frames.length >= count);
