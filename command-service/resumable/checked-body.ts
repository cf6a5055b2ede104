import { createHash, randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { AppError } from '@transcodeflow/shared/errors.ts';

/** `sha1` is the one that servers must know. */
export const CHECKSUM_ALGORITHMS = ['sha1', 'sha256', 'md5'];

export interface Checksum {
  algorithm: string;
  digest: Buffer;
}

/** Reads `Upload-Checksum`. @throws {AppError} */
export function parseChecksum(header: string): Checksum {
  const [algorithm = '', encoded = '', ...rest] = header.split(' ');
  if (!CHECKSUM_ALGORITHMS.includes(algorithm) || rest.length > 0)
    throw new AppError(
      'invalid_request',
      `Upload-Checksum knows ${CHECKSUM_ALGORITHMS.join(', ')}, as "sha1 <base64>"`,
    );
  return { algorithm, digest: Buffer.from(encoded, 'base64') };
}

/**
 * The bytes of a body once they are known to be what the checksum says. They wait in a file without a name meanwhile:
 * no byte of a body that is not what it should be reaches the store, whatever dies when.
 * @throws {AppError} checksum_mismatch; payload_too_large above `mostBytes`
 */
export async function checkedBody(
  body: Readable,
  { algorithm, digest }: Checksum,
  mostBytes: number,
): Promise<Readable> {
  const file = path.join(tmpdir(), `transcodeflow-checked-${randomUUID()}`);
  const handle = await open(file, 'wx+', 0o600);
  try {
    await unlink(file);
    const hash = createHash(algorithm);
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > mostBytes)
        throw new AppError('payload_too_large', 'More bytes came than the upload has left');
      hash.update(chunk);
      await handle.write(chunk);
    }
    if (!hash.digest().equals(digest))
      throw new AppError(
        'checksum_mismatch',
        `The bytes do not have the ${algorithm} checksum that was sent`,
      );
    return handle.createReadStream({ start: 0 });
  } catch (error) {
    await handle.close();
    throw error;
  }
}
