import type { AppContext } from '@transcodeflow/shared/http/app-state.ts';

/** Where the caller reached the API: what the operator says, else as the request names it. */
export const originOf = (ctx: AppContext, publicUrl: string | undefined): string =>
  publicUrl ?? `${ctx.protocol}://${ctx.host}`;
