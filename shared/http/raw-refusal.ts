import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { AppError } from '../errors.ts';
import { problemOf } from './problem.ts';

/** A refusal as it goes over the wire, for requests that never reach the application: the connection ends with it. */
export function rawRefusal(refusal: AppError): string {
  const requestId = randomUUID();
  const { instance: _, ...problem } = problemOf(refusal, '', requestId);
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? problem.title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
