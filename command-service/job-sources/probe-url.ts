import type { Readable } from 'node:stream';
import { AppError } from '@transcodeflow/shared/errors.ts';
import type { SafeFetch } from '@transcodeflow/shared/net/safe-fetch.ts';
import { SafeFetchError } from '@transcodeflow/shared/net/safe-fetch-error.ts';
import { announcedSize } from '@transcodeflow/shared/net/whole-file.ts';
import { SAMPLE_BYTES, type Sniffed, sniffMedia } from '../uploads/sniff.ts';
import { urlFilename } from './url-filename.ts';

/** A client is waiting. */
const ANSWER_MS = 10_000;
const TOTAL_MS = 15_000;

export interface ProbedUrl {
  filename: string;
  /** As the server announces it. */
  size_bytes: number | undefined;
  sniffed: Sniffed;
}

/**
 * Asks once whether there is video or sound at a URL, by the first 4 KiB of the answer. Fetched it is later.
 * @throws {AppError} `invalid_fields` for `source.url`; `invalid_video_format`
 */
export async function probeUrl(
  web: SafeFetch,
  text: string,
  mostBytes: number,
  signal: AbortSignal,
): Promise<ProbedUrl> {
  try {
    const answer = await web.fetch(text, { signal, mostBytes, answerMs: ANSWER_MS, totalMs: TOTAL_MS });
    const { url, headers, body } = answer;
    const size_bytes = announcedSize(answer);
    const sniffed = await sniffMedia(await firstBytes(body, SAMPLE_BYTES));
    return { filename: urlFilename(url, headers['content-disposition']), size_bytes, sniffed };
  } catch (error) {
    throw error instanceof SafeFetchError ? refusal(error, mostBytes) : error;
  }
}

async function firstBytes(body: Readable, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= most) break;
  }
  return Buffer.concat(chunks).subarray(0, most);
}

function refusal(error: SafeFetchError, mostBytes: number): AppError {
  const message =
    error.code === 'too_large'
      ? `The file is larger than ${mostBytes} bytes, the most that is accepted.`
      : error.message;
  return new AppError('invalid_fields', `source.url: ${message}`, {
    fields: { 'source.url': message },
    cause: error,
  });
}
