/** SQLSTATE classes: connection, resources, operator intervention, rollback for others' sake, system; and a wait too long. */
const SQL_STATES = /^(08|53|57|40|58|28)|^55P03$/;
/** Of Node's system calls, DNS and undici. */
const CODES =
  /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|EADDRNOTAVAIL|EMFILE|ENFILE|ENOSPC|EDQUOT|EIO|ABORT_ERR|UND_ERR_)/;
/** Of S3 services (minio hands the code on, not the status). */
const S3_CODES = new Set([
  'InternalError',
  'InternalServerError',
  'OperationAborted',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'ServiceUnavailable',
  'SlowDown',
  'SlowDownRead',
  'SlowDownWrite',
  'XMinioServerNotInitialized',
  'XMinioStorageFull',
]);
const NAMES = new Set(['AbortError', 'TimeoutError', 'BusClosedError', 'MaxRetriesPerRequestError']);
/** pg has no code for these. */
const PG_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Query read timeout|Cannot use a pool after calling end)/;
/** Kafka's refusals that are about the message itself. */
const KAFKA_MESSAGE_ERRORS = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD']);

/**
 * Whether an error is about what the consumer needs (database, broker, object store, disk) and not about the message:
 * waiting helps, parking would park everything. Causes and collected errors count too.
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (NAMES.has(error.name) || PG_MESSAGES.test(error.message)) return true;
  const code = 'code' in error ? String(error.code) : '';
  if (CODES.test(code) || S3_CODES.has(code)) return true;
  if (code.length === 5 && 'severity' in error) return SQL_STATES.test(code);
  if (error.name.startsWith('KafkaJS'))
    return !('type' in error && KAFKA_MESSAGE_ERRORS.has(String(error.type)));
  const status = 'status' in error ? Number(error.status) : Number.NaN;
  if (error.name === 'S3ResponseError' && (status >= 500 || status === 429 || status === 408)) return true;
  if (error instanceof AggregateError && error.errors.some(isTransient)) return true;
  return error.cause !== undefined && isTransient(error.cause);
}
