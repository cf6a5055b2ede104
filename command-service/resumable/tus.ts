import { AppError } from '@transcodeflow/shared/errors.ts';
import { Server } from '@tus/server';
import { asRefusal } from './tus-refusal.ts';
import type { UploadBytes } from './upload-bytes.ts';
import type { UploadLocks } from './upload-locks.ts';

export const TUS_PATH = '/api/uploads';

/** A request for the tus server, about an upload that the caller was found to own. */
export interface TusCall {
  request: Request;
  /** In the URL. */
  uploadId: string;
  /** In the store. */
  name: string;
  /** The last byte has come. */
  onFinish(): Promise<void>;
}

export interface Tus {
  extensions: readonly string[];
  /** @throws {AppError} what the tus server refuses */
  handle(call: TusCall): Promise<Response>;
}

/** What the two stores can do, with what is done around them. Concatenation is not among it: neither store can. */
const EXTENSIONS = [
  'creation',
  'creation-with-upload',
  'creation-defer-length',
  'termination',
  'expiration',
  'checksum',
];

/**
 * The tus 1.0 server: offsets, lengths and bytes. Who may do what, quotas, checksums and expiry are decided before it
 * is asked.
 */
export function createTus({
  bytes,
  locks,
  mostUploadBytes,
}: {
  bytes: UploadBytes;
  locks: UploadLocks;
  mostUploadBytes: number;
}): Tus {
  const calls = new WeakMap<object, TusCall>();
  const errors = new WeakMap<object, unknown>();
  const callOf = (request: object): TusCall => {
    const call = calls.get(request);
    if (!call) throw new Error('The tus server made a request of its own');
    return call;
  };
  const server = new Server({
    path: TUS_PATH,
    datastore: bytes.datastore,
    locker: locks,
    maxSize: mostUploadBytes,
    generateUrl: (request) => `${TUS_PATH}/${callOf(request).uploadId}`,
    getFileIdFromRequest: (request) => callOf(request).name,
    namingFunction: (request) => callOf(request).name,
    async onUploadFinish(request) {
      await callOf(request).onFinish();
      return {};
    },
    onResponseError(request, error) {
      errors.set(request, error);
      return undefined;
    },
  });
  return {
    extensions: EXTENSIONS,
    async handle(call) {
      calls.set(call.request, call);
      const response = await server.handleWeb(call.request);
      if (response.status < 400) return response;
      const error = errors.get(call.request);
      throw error instanceof AppError ? error : asRefusal(response.status, await response.text(), error);
    },
  };
}
