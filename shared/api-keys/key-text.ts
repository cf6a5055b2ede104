import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
const PREFIX_BYTES = 6;
/** `tf_<prefix>_<secret>`: 12 hex digits to look the key up by, 32 random bytes in base64url to prove it. */
const KEY = /^tf_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

export interface NewKeyText {
  /** To be shown once and kept nowhere. */
  key: string;
  prefix: string;
  hash: string;
}

export function newKeyText(): NewKeyText {
  const prefix = randomBytes(PREFIX_BYTES).toString('hex');
  const key = `tf_${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { key, prefix, hash: digestOf(key).toString('hex') };
}

/**
 * A plain SHA-256: slow hashes make guessing a password's few bits expensive, but nobody guesses 256 random ones, and a
 * slow one would cost each request its milliseconds.
 */
export const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** The lookup prefix; undefined for what cannot be a key. */
export const prefixOf = (key: string): string | undefined => KEY.exec(key)?.[1];
