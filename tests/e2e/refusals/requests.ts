import { openAsBlob } from 'node:fs';
import type { Operation } from './operations.ts';
import { json, type World } from './world.ts';

export type ResourceName = keyof World['ids'];

/** Whose `{id}` it is. */
export function resourceOf({ path }: Pick<Operation, 'path'>): ResourceName | undefined {
  if (!path.includes('{id}')) return undefined;
  if (path.startsWith('/api/webhooks/deliveries/')) return 'delivery';
  const [, , name] = path.split('/');
  const resources: Record<string, ResourceName> = {
    jobs: 'job',
    uploads: 'upload',
    keys: 'key',
    webhooks: 'webhook',
  };
  const resource = resources[name ?? ''];
  if (!resource) throw new Error(`Say in requests.ts what the {id} of ${path} is`);
  return resource;
}

/** The call's path with an id, the owner's own unless another is given. */
export function pathOf(operation: Operation, world: World, id?: string): string {
  const resource = resourceOf(operation);
  return operation.path
    .replace('{id}', id ?? (resource ? world.ids[resource] : ''))
    .replace('{token}', 'no-token')
    .replace('{path}', '360p.mp4')
    .replace('{file}', 'index.html');
}

/** What a call that is right in itself sends with it. Calls without a body need no row. */
export async function requestOf({ id, bodies }: Operation, world: World): Promise<RequestInit> {
  const tus = { 'Tus-Resumable': '1.0.0' };
  const rows: Record<string, () => RequestInit | Promise<RequestInit>> = {
    upload: async () => {
      const form = new FormData();
      form.set('file', await openAsBlob(world.video), 'tiny.mp4');
      return { body: form };
    },
    createJob: () => json({ source: { upload_id: world.ids.upload } }),
    createKey: () => json({ name: 'n', scopes: ['read'] }),
    createWebhook: () => json({ url: 'https://example.com/hook' }),
    presignUpload: () => json({ filename: 'a.mp4', size_bytes: 10 }),
    createUpload: () => ({ headers: { ...tus, 'Upload-Length': '10' } }),
    sendUploadBytes: () => ({
      headers: { ...tus, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' },
      body: 'bytes',
    }),
    askUploadOffset: () => ({ headers: tus }),
    endUpload: () => ({ headers: tus }),
  };
  const row = rows[id];
  if (row) return row();
  if (bodies.length > 0) throw new Error(`Say in requests.ts what ${id} sends`);
  return {};
}
