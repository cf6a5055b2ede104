import { hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;

/**
 * A key of 32 bytes for one purpose, derived from SECRET_KEY by HKDF-SHA256 (RFC 5869): the same for the same two, and
 * no purpose's key tells anything about another's or about the secret.
 * @param purpose names what the key is for, such as `playback urls`; never the same for two uses
 */
export const deriveKey = (secretKey: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secretKey, '', `transcodeflow ${purpose}`, KEY_BYTES));
