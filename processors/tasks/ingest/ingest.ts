import { createHash } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';
import { SafeFetchError } from '@transcodeflow/shared/net/safe-fetch-error.ts';
import { announcedSize } from '@transcodeflow/shared/net/whole-file.ts';
import { TaskError } from '../../task-error.ts';
import type { TaskContext, TaskHandler } from '../task-handler.ts';

export interface IngestLimits {
  /** Until the headers of the answer are there. */
  answerMs: number;
  /** Between two pieces of the body. */
  stallMs: number;
  /** So many bytes must come in each window: a trickle does not hold a slot for days. */
  leastBytes: number;
  windowMs: number;
}

/** 1 MiB a minute is slower than any line that anyone would fetch a video over. */
const LIMITS: IngestLimits = { answerMs: 30_000, stallMs: 30_000, leastBytes: 1024 ** 2, windowMs: 60_000 };
const CONTENT_TYPE = 'application/octet-stream';

/**
 * Streams the file at a URL into the object store, without keeping it in memory or on a disk in between.
 * @throws {TaskError} `source_…`; retryable unless the server or the address will be the same next time
 */
export const ingestWithin =
  (limits: IngestLimits): TaskHandler<'ingest'> =>
  async (spec, context) => {
    const { objects, prefix, signal, web } = context;
    let failure: unknown;
    try {
      const answer = await web.fetch(spec.url, {
        signal,
        mostBytes: spec.most_bytes,
        answerMs: limits.answerMs,
        stallMs: limits.stallMs,
      });
      const size = announcedSize(answer);
      const measured = measure(answer.body, size ?? spec.most_bytes, context);
      const watch = endTrickle(measured, limits);
      // The store may tell of a broken stream in words of its own.
      measured.stream.once('error', (error) => {
        failure = error;
      });
      try {
        const stored = await objects.put(`${prefix}source`, measured.stream, {
          signal,
          contentType: CONTENT_TYPE,
          ...(size !== undefined ? { size } : {}),
        });
        context.progress({ fraction: 1 });
        const source = { key: stored.key, size_bytes: stored.size, content_type: CONTENT_TYPE };
        return { kind: 'ingest', source, sha256: measured.sha256() };
      } finally {
        clearInterval(watch);
        answer.body.destroy();
      }
    } catch (error) {
      throw signal.aborted ? signal.reason : explained(failure ?? error, spec.most_bytes);
    }
  };

export const ingest = ingestWithin(LIMITS);

interface Measured {
  stream: Transform;
  bytes(): number;
  sha256(): string;
}

function measure(body: Readable, expected: number, { progress }: TaskContext): Measured {
  const hash = createHash('sha256');
  const started = performance.now();
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      const fraction = bytes / Math.max(1, expected);
      const eta_s = ((performance.now() - started) / 1000) * (1 / fraction - 1);
      progress({ fraction, ...(Number.isFinite(eta_s) ? { eta_s } : {}) });
      done(null, chunk);
    },
    destroy(error, done) {
      body.destroy();
      done(error);
    },
  });
  body.on('error', (error) => stream.destroy(error));
  body.pipe(stream);
  return { stream, bytes: () => bytes, sha256: () => hash.digest('hex') };
}

function endTrickle({ stream, bytes }: Measured, { leastBytes, windowMs }: IngestLimits): NodeJS.Timeout {
  let before = 0;
  return setInterval(() => {
    if (bytes() - before < leastBytes)
      stream.destroy(new SafeFetchError('timed_out', 'The server sends too slowly.', true));
    before = bytes();
  }, windowMs);
}

function explained(error: unknown, mostBytes: number): unknown {
  if (!(error instanceof SafeFetchError)) return error;
  const { code, retryable, cause } = error;
  const words =
    code === 'too_large'
      ? `It is larger than the ${mostBytes} bytes that were set aside for it.`
      : error.message;
  const message = `The video could not be fetched. ${words}`;
  return new TaskError({ code: `source_${code}`, message, retryable }, { cause });
}
