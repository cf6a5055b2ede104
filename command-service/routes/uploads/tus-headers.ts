import { AppError } from '@transcodeflow/shared/errors.ts';
import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';

export const TUS_VERSION = '1.0.0';

/**
 * "The Tus-Resumable header MUST be included in every request and response except for OPTIONS requests."
 * @throws {AppError} upload_protocol_version
 */
export function requireTus(ctx: AppContext): void {
  ctx.set('Tus-Resumable', TUS_VERSION);
  if (ctx.get('Tus-Resumable') === TUS_VERSION) return;
  ctx.set('Tus-Version', TUS_VERSION);
  throw new AppError('upload_protocol_version', `Send Tus-Resumable: ${TUS_VERSION}`);
}

/** The tus server's answer, but for what is decided for all routes: who may read it from where. */
export function answerWith(ctx: AppContext, response: Response, expires: Date | undefined): void {
  ctx.body = '';
  ctx.remove('Content-Type');
  ctx.status = response.status;
  for (const [name, value] of response.headers)
    if (!name.startsWith('access-control-') && name !== 'content-length') ctx.set(name, value);
  if (expires) ctx.set('Upload-Expires', expires.toUTCString());
}
