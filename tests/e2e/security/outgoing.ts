import type { TestFn } from 'ava';
import { json, type World } from './world.ts';

/** Where a client may send the system, and what of it comes out. */
export function testOutgoing(test: TestFn, world: () => World): void {
  test.serial(
    'outgoing requests: no source and no webhook leads inside, however its address is written',
    async (t) => {
      const { api, insidePort, reached, stored } = world();
      const before = await stored();
      const hosts = [
        '127.0.0.1',
        'localhost',
        '127.1',
        '2130706433',
        '0x7f000001',
        '0177.0.0.1',
        '[::1]',
        '[::ffff:127.0.0.1]',
        '[64:ff9b::7f00:1]',
        '0.0.0.0',
      ];
      const urls = [
        ...hosts.map((host) => `http://${host}:${insidePort}/video.mp4`),
        'http://169.254.169.254/latest/meta-data/',
        'http://10.0.0.1/',
        'http://user:secret@127.0.0.1/',
        'file:///etc/passwd',
        'ftp://127.0.0.1/x',
        'gopher://127.0.0.1:6379/_INFO',
        'data:video/mp4;base64,AAAA',
      ];
      const details = new Set<string>();
      for (const url of urls) {
        const source = await api.call('POST', '/api/jobs', json({ source: { url } }));
        t.true(source.status === 422 || source.status === 400, `${url}: ${source.status}`);
        if (url.startsWith('http://') && !url.includes('@')) details.add(JSON.stringify(source.body.errors));
        const endpoint = await api.call('POST', '/api/webhooks', json({ url }));
        // A name may resolve to something else tomorrow: it is checked at each delivery.
        t.true(endpoint.status >= 400 || url.includes('localhost'), `${url}: ${endpoint.status}`);
        if (endpoint.status === 201) await api.call('DELETE', `/api/webhooks/${endpoint.body.id}`);
      }
      t.is(details.size, 1, `the same words for each: ${[...details].join('\n')}`);
      t.is(reached(), 0);
      const { events, ...rest } = await stored();
      const { events: eventsBefore, ...restBefore } = before;
      t.deepEqual(rest, restBefore);
      t.true(Number(events) - Number(eventsBefore) <= 2, 'at most an endpoint that was made and deleted');
    },
  );
}
