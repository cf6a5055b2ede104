import { ErrorType, isCommandError, type WrongExpectedVersionError } from '@eventstore/db-client';

/** EventStoreDB could not do what was asked; the message says what to check. */
export class EventStoreDbError extends Error {
  override name = 'EventStoreDbError';
}

/** What passes by itself: the node restarts, another one becomes the leader, an answer is late. */
const TRANSIENT: ReadonlySet<string> = new Set([
  ErrorType.UNAVAILABLE,
  ErrorType.CANCELLED,
  ErrorType.NOT_LEADER,
  ErrorType.TIMEOUT,
  ErrorType.DEADLINE_EXCEEDED,
]);

/** No answer within the time limit; whether the server did it is not known. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError';
}

/** Not classified by the client: a call was handed a channel that another call's failure has just closed. */
const TRANSPORT = /cancelled on client|channel has been (shut down|closed)/i;

/** Whether the same request may succeed a moment later. */
export function isTransient(error: unknown): boolean {
  return (
    TRANSIENT.has(typeOf(error) ?? '') ||
    error instanceof NoAnswerError ||
    TRANSPORT.test(toError(error).message)
  );
}

export const isStreamNotFound = (error: unknown): boolean => typeOf(error) === ErrorType.STREAM_NOT_FOUND;

export const isWrongExpectedVersion = (error: unknown): error is WrongExpectedVersionError =>
  typeOf(error) === ErrorType.WRONG_EXPECTED_VERSION;

/** Without user, password and options, which do not belong in logs. */
export const withoutSecrets = (url: string): string =>
  url.replace(/\/\/[^@/]*@/, '//').replace(/[/?]*\?.*$/, '');

/** The same failure in a sentence that names the setting. */
export function describeError(error: unknown, url: string): EventStoreDbError {
  if (error instanceof EventStoreDbError) return error;
  const server = `EventStoreDB at ${withoutSecrets(url)} (EVENTSTOREDB_URL)`;
  const reason = toError(error).message;
  return new EventStoreDbError(`${server} ${sentence(error)}: ${reason}`, { cause: error });
}

function sentence(error: unknown): string {
  switch (typeOf(error)) {
    case ErrorType.ACCESS_DENIED:
      return 'refuses this user; it has to append and read job- streams, and to read $all';
    case ErrorType.NOT_LEADER:
      return 'has no leader that can be reached';
    case ErrorType.STREAM_DELETED:
      return 'has a tombstone where a stream was; streams are never deleted by TranscodeFlow';
    case ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED:
      return 'takes no append of this size; raise its MaxAppendSize';
    case ErrorType.UNAVAILABLE:
    case ErrorType.CANCELLED:
    case ErrorType.TIMEOUT:
    case ErrorType.DEADLINE_EXCEEDED:
      return 'cannot be reached';
    default:
      return isTransient(error) ? 'cannot be reached' : 'failed';
  }
}

function typeOf(error: unknown): string | undefined {
  const failure = toError(error);
  return isCommandError(failure) ? failure.type : undefined;
}

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
