import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import { until } from '@transcodeflow/shared/testing/until.ts';
import test from 'ava';
import { jpegBytes } from '../testing/http.ts';
import { mediaOnly } from './sniff.ts';
import { storePart } from './store-part.ts';

test('a write that is under way when the part is refused ends too: the parser waits for it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-part-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const objects = await openDirectoryStore(folder);
  // The quota's answer to the second write comes after the refusal.
  const counted = Promise.withResolvers<void>();
  const meter = (bytes: number) => (bytes === 1 ? counted.promise : undefined);
  const signal = new AbortController().signal;
  const part = storePart(objects, 'jobs/a/source', 'video/mp4', mediaOnly(), signal, meter);
  let refused: Error | undefined;
  part.stream.on('error', (error) => {
    refused = error;
  });
  const ended: string[] = [];
  part.stream.write(jpegBytes(9_310), () => ended.push('first'));
  part.stream.write(Buffer.alloc(1), () => ended.push('second'));
  const outcome = await part.settled;
  t.like(outcome, { error: { code: 'invalid_video_format' } });
  counted.resolve();
  await until('both writes have ended', () => ended.length === 2);
  t.is(await objects.head('jobs/a/source'), undefined);
  t.like(refused, { code: 'invalid_video_format' });
});
