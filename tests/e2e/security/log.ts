import type { TestFn } from 'ava';
import { createApi } from '../../systems/api.ts';
import { json, type World } from './world.ts';

/** What the system writes down of its clients. */
export function testLog(test: TestFn, world: () => World): void {
  test.serial('nothing secret is in the log', async (t) => {
    const { system, api } = world();
    const { body } = await api.call('POST', '/api/keys', json({ name: 'n', scopes: ['read'] }));
    const reader = createApi({ ...system, apiKey: body.key });
    t.is((await reader.call('GET', '/api/jobs')).status, 200);
    const log = system.process.output();
    for (const secret of [body.key, body.key.slice(-43), system.apiKey]) t.false(log.includes(secret));
    t.is((await fetch(`${system.queryUrl}/readyz`)).status, 200);
  });
}
