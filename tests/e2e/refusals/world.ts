import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scope } from '@transcodeflow/shared/http/app-state.ts';
import { makeVideo } from '../../media/make-video.ts';
import { type Api, createApi } from '../../systems/api.ts';
import { type EmbeddedSystem, startEmbedded } from '../../systems/embedded.ts';
import { until } from '../../systems/until.ts';

export interface World {
  system: EmbeddedSystem;
  /** With the bootstrap key. */
  admin: Api;
  /** Texts of API keys. */
  keys: Record<'owner' | 'other' | 'revoked' | 'expired' | Scope, string>;
  /** What `owner` has. */
  ids: Record<'job' | 'upload' | 'key' | 'webhook' | 'delivery', string>;
  video: string;
  close(): Promise<void>;
}

/** A system with one of everything, owned by one account, and keys of every kind. */
export async function openWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'transcodeflow-refusals-'));
  const limits = { RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_PER_ADDRESS: '0', RATE_LIMIT_FAILED_KEYS: '0' };
  const system = await startEmbedded(undefined, limits);
  const close = async () => {
    await system.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const admin = createApi(system);
    const made: Record<string, string> = {};
    const create = async (name: string, scopes: Scope[], more: object = {}) => {
      const { status, body } = await admin.call('POST', '/api/keys', json({ name, scopes, ...more }));
      if (status !== 201) throw new Error(`No key ${name}: ${JSON.stringify(body)}`);
      made[name] = body.id;
      return String(body.key);
    };
    const keys: World['keys'] = {
      owner: await create('owner', ['read', 'write', 'admin']),
      other: await create('other', ['read', 'write', 'admin']),
      revoked: await create('revoked', ['read', 'write', 'admin']),
      expired: await create('expired', ['read', 'write', 'admin'], {
        expires_at: new Date(Date.now() + 3_000).toISOString(),
      }),
      read: await create('read', ['read']),
      write: await create('write', ['write']),
      admin: await create('admin', ['admin']),
    };
    await admin.call('DELETE', `/api/keys/${made.revoked}`);
    const owner = createApi({ ...system, apiKey: keys.owner });
    // A webhook that nobody answers: its delivery stays.
    const webhook = await owner.call('POST', '/api/webhooks', json({ url: 'http://127.0.0.1:9/hook' }));
    const video = await makeVideo(join(folder, 'tiny.mp4'), { seconds: 1, silent: true });
    const job = String((await owner.upload(video)).body.job_id);
    await owner.finished(job);
    const upload = await owner.call('POST', '/api/uploads', {
      headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': '100' },
    });
    const delivery = await until(
      'a delivery',
      async () => (await owner.call('GET', '/api/webhooks/deliveries')).body.deliveries?.[0]?.id,
      (id) => id !== undefined,
    );
    const stale = createApi({ ...system, apiKey: keys.expired });
    await until(
      'the key has expired',
      async () => (await stale.call('GET', '/api/jobs')).status,
      (status) => status === 401,
    );
    return {
      system,
      admin,
      keys,
      ids: {
        job,
        upload: upload.headers.get('location')?.split('/').at(-1) ?? '',
        key: made.owner ?? '',
        webhook: webhook.body.id,
        delivery,
      },
      video,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

export const json = (body: unknown): RequestInit => ({
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
});
