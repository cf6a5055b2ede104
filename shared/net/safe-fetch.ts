import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request } from 'undici';
import { boundedBody, tooLarge } from './bounded-body.ts';
import { explainFailure } from './explain-failure.ts';
import { outgoingUrl } from './outgoing-url.ts';
import { addressCheck } from './public-address.ts';
import { type Resolve, safeConnector } from './safe-connector.ts';
import { SafeFetchError } from './safe-fetch-error.ts';

/** Some servers refuse who does not say what it is. */
const OWN_HEADERS = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'TranscodeFlow' };
const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const CONNECT_MS = 10_000;
const ANSWER_MS = 30_000;
const STALL_MS = 30_000;

export interface SafeFetchOptions {
  /** Networks in CIDR notation that may be reached although they are not public (ALLOW_PRIVATE_ADDRESSES). */
  allow?: readonly string[] | undefined;
  /** Default: the system's resolver. */
  resolve?: Resolve | undefined;
  /** Certificate authorities, as PEM, in place of the system's. */
  ca?: string | undefined;
}

export interface SafeRequest {
  /** Default: GET. Redirects of a POST are not followed but handed on. */
  method?: 'GET' | 'HEAD' | 'POST';
  /** Sent to the URL's own origin; a redirect to another one does not get them. */
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Of the answer's body. @default no limit */
  mostBytes?: number;
  /** Until the headers of the answer are there, redirects included. @default 30 s */
  answerMs?: number;
  /** Between two pieces of the body; kept to within a second. @default 30 s */
  stallMs?: number;
  /** For everything, the body included. @default no limit */
  totalMs?: number;
  signal?: AbortSignal;
}

export interface SafeAnswer {
  /** Where the redirects led. */
  url: URL;
  status: number;
  headers: IncomingHttpHeaders;
  /**
   * As it came over the wire: nothing is unpacked. Must be read or destroyed. Fails with a SafeFetchError
   * (`too_large`, `timed_out`, `broken_off`) or with the reason of the caller's signal.
   */
  body: Readable;
}

/** Requests to URLs that clients gave. */
export interface SafeFetch {
  /** @throws {SafeFetchError} or the reason of the signal, if it was aborted */
  fetch(url: string | URL, options?: SafeRequest): Promise<SafeAnswer>;
  close(): Promise<void>;
}

/**
 * Requests that cannot be led astray: only http and https, only to public addresses (see safe-connector.ts), each
 * redirect checked like the first URL, five of them at most and none from https to http, time and size bounded. Every
 * request has a connection of its own. Proxies of the environment are not used.
 */
export function openSafeFetch({ allow, resolve, ca }: SafeFetchOptions = {}): SafeFetch {
  const check = addressCheck(allow);
  const agent = new Agent({ connect: safeConnector({ check, connectTimeoutMs: CONNECT_MS, resolve, ca }) });

  async function follow(first: URL, options: SafeRequest, signal: AbortSignal) {
    const { method = 'GET' } = options;
    let url = first;
    for (let redirects = 0; ; redirects += 1) {
      const answer = await request(url, {
        dispatcher: agent,
        method,
        headers: { ...OWN_HEADERS, ...(url.origin === first.origin ? options.headers : {}) },
        body: options.body ?? null,
        headersTimeout: options.answerMs ?? ANSWER_MS,
        bodyTimeout: options.stallMs ?? STALL_MS,
        reset: true,
        signal,
      });
      const next = method === 'POST' ? undefined : redirectOf(answer, url);
      if (!next) return { url, answer };
      answer.body.on('error', () => {}).destroy();
      if (redirects === MOST_REDIRECTS)
        throw new SafeFetchError('redirect_refused', 'The URL redirects too often.', false);
      url = next;
    }
  }

  return {
    async fetch(from, options = {}) {
      const { signal, totalMs, mostBytes = Number.POSITIVE_INFINITY, answerMs = ANSWER_MS } = options;
      const first = outgoingUrl(String(from));
      const answering = new AbortController();
      const late = setTimeout(() => answering.abort(new DOMException('no answer', 'TimeoutError')), answerMs);
      const limits = [answering.signal];
      if (signal) limits.push(signal);
      if (totalMs !== undefined) limits.push(AbortSignal.timeout(totalMs));
      try {
        const { url, answer } = await follow(first, options, AbortSignal.any(limits));
        const { statusCode: status, headers } = answer;
        const body = boundedBody(answer.body, mostBytes, signal);
        if (options.method !== 'HEAD' && Number(headers['content-length']) > mostBytes) {
          body.destroy();
          throw tooLarge(mostBytes);
        }
        return { url, status, headers, body };
      } catch (error) {
        throw signal?.aborted ? signal.reason : explainFailure(error, 'answer');
      } finally {
        clearTimeout(late);
      }
    },
    close: () => agent.destroy(),
  };
}

function redirectOf({ statusCode, headers }: Dispatcher.ResponseData, from: URL): URL | undefined {
  const { location } = headers;
  if (!REDIRECTS.has(statusCode) || typeof location !== 'string') return undefined;
  const to = outgoingUrl(location, from);
  if (from.protocol === 'https:' && to.protocol === 'http:')
    throw new SafeFetchError('redirect_refused', 'The URL redirects from https to http.', false);
  return to;
}
