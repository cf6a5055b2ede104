import type { AccountEventOf } from '@transcodeflow/shared/contracts/account-events.ts';

export type ApiKeyCommand =
  | { type: 'CreateApiKey'; data: AccountEventOf<'ApiKeyCreated'>['data'] }
  | { type: 'RevokeApiKey'; data: { by: string } };
