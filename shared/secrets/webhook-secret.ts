import { createHmac } from 'node:crypto';
import { deriveKey } from './derive-key.ts';

/**
 * The signing secret of a webhook endpoint in the form of Standard Webhooks (`whsec_` and base64, 32 bytes). Derived from
 * the endpoint's id, so it is neither stored nor published; another SECRET_KEY gives every endpoint another one.
 */
export const webhookSecret = (secretKey: string, endpointId: string): string =>
  `whsec_${createHmac('sha256', deriveKey(secretKey, 'webhook secrets')).update(endpointId).digest('base64')}`;
