import test from 'ava';
import { deriveKey } from './derive-key.ts';
import { seal, unseal } from './seal.ts';
import { webhookSecret } from './webhook-secret.ts';

const SECRET = 'a-secret-of-more-than-32-characters!';
const OTHER = 'another-secret-of-over-32-characters';

test('a derived key is the same for the same secret and purpose, and another for any other', (t) => {
  t.is(deriveKey(SECRET, 'a').length, 32);
  t.deepEqual(deriveKey(SECRET, 'a'), deriveKey(SECRET, 'a'));
  t.notDeepEqual(deriveKey(SECRET, 'a'), deriveKey(SECRET, 'b'));
  t.notDeepEqual(deriveKey(SECRET, 'a'), deriveKey(OTHER, 'a'));
});

test('the derivation stays as it is: signatures and sealed answers of before must stay valid', (t) => {
  t.is(
    deriveKey(SECRET, 'a').toString('hex'),
    '922d7ce5f1c8d0ef15ffceb1f907fc4c6abc32d1fc332fab00f856ecb27670a3',
  );
  t.is(webhookSecret(SECRET, 'endpoint-1'), 'whsec_C1F+CCCq4lxXSuJ+MsBdC60kGJThY2I3lIH7MrfL2Vg=');
});

test('a webhook secret has the form of Standard Webhooks, and each endpoint its own', (t) => {
  t.regex(webhookSecret(SECRET, 'endpoint-1'), /^whsec_[A-Za-z0-9+/]{43}=$/);
  t.not(webhookSecret(SECRET, 'endpoint-1'), webhookSecret(SECRET, 'endpoint-2'));
  t.not(webhookSecret(SECRET, 'endpoint-1'), webhookSecret(OTHER, 'endpoint-1'));
});

test('what was sealed opens with the same key and context only, and unchanged only', (t) => {
  const key = deriveKey(SECRET, 'a');
  const sealed = seal(key, 'größer than ASCII', 'context');
  t.is(unseal(key, sealed, 'context'), 'größer than ASCII');
  t.not(seal(key, 'x', 'context'), seal(key, 'x', 'context'));
  t.throws(() => unseal(deriveKey(OTHER, 'a'), sealed, 'context'));
  t.throws(() => unseal(key, sealed, 'another'));
  const bytes = Buffer.from(sealed, 'base64url');
  for (const index of [0, 12, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    t.throws(() => unseal(key, changed.toString('base64url'), 'context'), undefined, String(index));
  }
  t.throws(() => unseal(key, '', 'context'));
});
