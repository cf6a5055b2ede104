/** Room for a folder store's paths and below the 1024 bytes S3 allows. */
const MAX_KEY_BYTES = 900;

/**
 * Refuses keys that mean different things to different stores: absolute ones, empty, `.` and `..`
 * segments, backslashes, control characters, lone surrogates, more than 900 bytes of UTF-8.
 * @throws {TypeError}
 */
export function assertObjectKey(key: string): void {
  const fault = faultOf(key);
  if (fault) throw new TypeError(`Object key ${JSON.stringify(key)} ${fault}`);
}

function faultOf(key: string): string | undefined {
  if (key === '') return 'is empty';
  if (!key.isWellFormed()) return 'is not well-formed Unicode';
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `is longer than ${MAX_KEY_BYTES} bytes`;
  if (/[\p{Cc}\\]/u.test(key)) return 'holds a backslash or a control character';
  const segments = key.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return 'has an empty, "." or ".." segment';
  }
  return undefined;
}
