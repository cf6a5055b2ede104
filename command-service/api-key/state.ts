import type { AccountEvent, AccountEventOf } from '@transcodeflow/shared/contracts/account-events.ts';

export type ApiKeyEvent = Extract<AccountEvent, { type: `ApiKey${string}` }>;

export interface ApiKey {
  status: 'active' | 'revoked';
  created: AccountEventOf<'ApiKeyCreated'>['data'];
}

/** `undefined`: there never was a key in this stream. */
export type ApiKeyState = ApiKey | undefined;
