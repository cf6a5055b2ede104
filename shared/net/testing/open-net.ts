import type { ExecutionContext } from 'ava';
import { openSafeFetch, type SafeFetchOptions } from '../safe-fetch.ts';
import { SafeFetchError } from '../safe-fetch-error.ts';
import { LOOPBACK } from './web-server.ts';

/** Closed at the test's end. */
export const openNet = (t: ExecutionContext, options: SafeFetchOptions = { allow: LOOPBACK }) => {
  const net = openSafeFetch(options);
  t.teardown(() => net.close());
  return net;
};

/** Why a request was refused; any other error as it is. */
export const codeOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof SafeFetchError ? error.code : error;
};
