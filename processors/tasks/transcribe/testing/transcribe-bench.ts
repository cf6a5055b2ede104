import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { TranscribeResult } from '@transcodeflow/shared/contracts/task-results.ts';
import type { SpecOf } from '@transcodeflow/shared/contracts/tasks.ts';
import { openSafeFetch } from '@transcodeflow/shared/net/safe-fetch.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { execa } from 'execa';
import { z } from 'zod';
import { findMediaTools } from '../../../ffmpeg/find-media-tools.ts';
import type { MediaTools } from '../../../ffmpeg/media-tools.ts';
import type { ProgressUpdate } from '../../../progress-update.ts';
import { transcribe } from '../transcribe.ts';

export const SAMPLE = fileURLToPath(new URL('../../../../samples/bunny-with-reading.mp4', import.meta.url));

export interface Bench {
  folder: string;
  objects: ObjectStore;
  tools: MediaTools;
}

/** AVA with a folder, an object store and the real ffmpeg for each test. */
export const test = anyTest as TestFn<Bench>;

test.beforeEach(async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'transcribe-'));
  t.context = {
    folder,
    objects: await openDirectoryStore(path.join(folder, 'objects')),
    tools: await findMediaTools(),
  };
});
test.afterEach.always(async (t) => {
  await t.context.objects.close();
  await rm(t.context.folder, { recursive: true, force: true });
});

interface Run {
  /** Its ending chooses the container. Default `source.mkv`. */
  name?: string;
  /** ffmpeg's arguments that make the source from the sample (input 0) or from filters. */
  make?: string[];
  spec?: Partial<SpecOf<'transcribe'>>;
  signal?: AbortSignal;
  handler?: typeof transcribe;
  onProgress?: (update: ProgressUpdate) => void;
}

export async function run(t: ExecutionContext<Bench>, options: Run = {}) {
  const { folder, objects, tools } = t.context;
  const { make, spec, signal = new AbortController().signal, handler = transcribe, onProgress } = options;
  const { name = 'source.mkv' } = options;
  const file = path.join(folder, name);
  await execa(tools.ffmpeg, [
    '-v',
    'error',
    '-nostdin',
    '-i',
    SAMPLE,
    ...(make ?? ['-c', 'copy', '-map', '0:a']),
    file,
  ]);
  const source = await objects.putFile(name, file);
  const workFolder = path.join(folder, 'work');
  await mkdir(workFolder);
  return handler(
    {
      kind: 'transcribe',
      source: { key: source.key, size_bytes: source.size, content_type: source.contentType },
      duration_s: 28,
      stream_index: 0,
      ...spec,
    },
    {
      objects,
      web: openSafeFetch(),
      tools,
      signal,
      workFolder,
      prefix: 'attempt/',
      log: silentLogger,
      progress: (update) => onProgress?.(update),
      ran: () => undefined,
      degraded: () => t.fail(),
    },
  );
}

export const Segments = z.object({
  language: z.string(),
  engine: z.string(),
  duration_s: z.number(),
  segments: z.array(z.object({ start: z.number(), end: z.number(), text: z.string() })),
});

export async function read(objects: ObjectStore, key: string): Promise<string> {
  return text((await objects.get(key)).body);
}

export function available(t: ExecutionContext, result: TranscribeResult) {
  if (!result.available) throw new Error(`Not available: ${result.reason}`);
  t.is(result.kind, 'transcribe');
  return result;
}
