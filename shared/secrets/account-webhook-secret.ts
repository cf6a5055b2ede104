import { webhookSecret } from './webhook-secret.ts';

/** Signs what goes to the URLs that an account's jobs name themselves. No endpoint's id looks like this. */
export const accountWebhookSecret = (secretKey: string, accountId: string): string =>
  webhookSecret(secretKey, `account:${accountId}`);
