import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '@transcodeflow/shared/errors.ts';

const VERSION = 1;
const PAYLOAD_BYTES = 1 + 16 + 6;
const MAC_BYTES = 32;

/** What a token permits: to read the outputs of one job until a moment. */
export interface Permission {
  jobId: string;
  /** Seconds since 1970. */
  expires: number;
}

/**
 * A path segment that permits what it says to whoever has it. Nothing is stored: version, the job's id and the expiry
 * (6 bytes), with an HMAC-SHA256 over them.
 */
export function signToken(key: Buffer, { jobId, expires }: Permission): string {
  const payload = Buffer.alloc(PAYLOAD_BYTES);
  payload.writeUInt8(VERSION, 0);
  payload.write(jobId.replaceAll('-', ''), 1, 'hex');
  payload.writeUIntBE(expires, 17, 6);
  return Buffer.concat([payload, mac(key, payload)]).toString('base64url');
}

/** @throws {AppError} 403 for one that this system did not sign, 410 for one that has ended */
export function openToken(key: Buffer, token: string, now: number = Date.now() / 1_000): Permission {
  const bytes = Buffer.from(token, 'base64url');
  const payload = bytes.subarray(0, PAYLOAD_BYTES);
  // Compared as text too: base64 has spare bits and skips what it does not know, and one permission is one URL.
  if (
    bytes.length !== PAYLOAD_BYTES + MAC_BYTES ||
    bytes.toString('base64url') !== token ||
    !timingSafeEqual(mac(key, payload), bytes.subarray(PAYLOAD_BYTES)) ||
    payload[0] !== VERSION
  )
    throw new AppError('playback_url_invalid', 'This playback URL was not made here, or was changed');
  const expires = payload.readUIntBE(17, 6);
  if (expires <= now) throw new AppError('playback_url_expired', 'This playback URL has expired');
  const hex = payload.toString('hex', 1, 17);
  return { jobId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'), expires };
}

const mac = (key: Buffer, payload: Buffer): Buffer => createHmac('sha256', key).update(payload).digest();
