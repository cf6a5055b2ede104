import { openApiDocument } from '@transcodeflow/shared/contracts/rest/openapi.ts';
import type { TestFn } from 'ava';
import { rawRequest } from './raw-request.ts';
import type { World } from './world.ts';

/** What a client writes stays text, wherever it comes up again. */
export function testInjection(test: TestFn, world: () => World): void {
  test.serial('injection: what is written into any parameter stays text', async (t) => {
    const { api, job, stored } = world();
    const before = await stored();
    const attacks = [
      "' OR '1'='1",
      "'; DROP TABLE read_model.job; --",
      "1'; select pg_sleep(30); --",
      '%\\_%',
      '$1',
      '\u0000',
      '\ud800',
      '#{7*7}{{7*7}}<%= 7*7 %>',
      '../../../../etc/passwd',
      'a'.repeat(3_000),
      '-1',
      '1e999',
      '9223372036854775808',
      'NaN',
      '[]',
    ];
    let calls = 0;
    for (const [path, item] of Object.entries(openApiDocument().paths ?? {}))
      for (const parameter of item?.get?.parameters ?? []) {
        if (!('in' in parameter) || parameter.in === 'header' || parameter.in === 'cookie') continue;
        for (const attack of attacks) {
          const written = encodeURIComponent(attack.toWellFormed());
          const filled = path
            .replace(`{${parameter.name}}`, written)
            .replace('{id}', job)
            .replace('{path}', '360p.mp4')
            .replace('{token}', 'token');
          const query = parameter.in === 'query' ? `?${parameter.name}=${written}` : '';
          const response = await api.fetch('GET', filled + query, { signal: AbortSignal.timeout(20_000) });
          const text = await response.text();
          const what = `${path} ${parameter.name}=${attack.slice(0, 40)}: ${response.status} ${text.slice(0, 200)}`;
          t.true(response.status < 500 || response.status === 503, what);
          t.notRegex(text, /syntax error|postgres|\bat .+:\d+:\d+|root:x:0/i, what);
          calls += 1;
        }
      }
    t.true(calls >= 300, `${calls} calls`);
    t.deepEqual(await stored(), before);
    t.is((await api.call('GET', `/api/jobs/${job}`)).body.status, 'completed');
  });

  test.serial('stored scripts: names and metadata come back as data, never as a page', async (t) => {
    const { api, video, upload } = world();
    const script = '<script>alert(1)</script>';
    const name = `${script}"; filename="x.html`;
    const options = JSON.stringify({ metadata: { note: `${script}`, __proto: script } });
    const { status, body } = await upload([
      { disposition: 'name="options"', body: options },
      { disposition: `name="file"; filename="${name.replaceAll('"', '%22')}.mp4"`, body: video },
    ]);
    t.is(status, 200, body);
    const { job_id } = JSON.parse(body);
    const shown = await api.finished(job_id);
    t.is(shown.metadata.note, script, 'kept as it was given');
    for (const path of [`/api/jobs/${job_id}`, '/api/jobs', `/api/jobs/${job_id}/events`]) {
      const response = await api.fetch('GET', path);
      await response.text();
      t.regex(response.headers.get('content-type') ?? '', /^application\/json/);
      t.is(response.headers.get('x-content-type-options'), 'nosniff');
      t.regex(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    }
    const download = await api.fetch('GET', `/api/jobs/${job_id}/outputs/360p.mp4?download=1`);
    await download.arrayBuffer();
    const disposition = download.headers.get('content-disposition') ?? '';
    t.regex(disposition, /^attachment; filename="[^"\r\n<>]*"/);
    t.is(download.headers.get('content-type'), 'video/mp4');
    const docs = await api.fetch('GET', '/docs');
    await docs.text();
    t.notRegex(docs.headers.get('content-security-policy') ?? "'unsafe-inline'", /script-src[^;]*'unsafe-/);
  });

  test.serial('file names: no path, no NUL and no line break gets any further', async (t) => {
    const { api, video, stored, upload } = world();
    for (const filename of [
      '../../../../etc/cron.d/evil.mp4',
      '..\\..\\windows\\evil.mp4',
      '/etc/passwd',
      'nul\u0000byte.mp4',
      'a\u0007b\u001b[31m.mp4',
      '.',
      '..',
      'x'.repeat(3_000),
      'right\u202eleft4pm.exe',
      '%2e%2e%2f%2e%2e%2fevil.mp4',
    ]) {
      const { status, body } = await upload([
        { disposition: `name="file"; filename="${filename}"`, body: video },
      ]);
      t.true(status === 200 || status === 400, `${filename}: ${status} ${body}`);
      if (status !== 200) continue;
      const accepted = JSON.parse(body);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      t.notRegex(accepted.filename, /[\u0000-\u001f\u202e/\\]|^\.{1,2}$/, filename);
      t.true(accepted.filename.length <= 255);
      await api.call('DELETE', `/api/jobs/${accepted.job_id}`);
    }
    const { keys } = await stored();
    for (const key of keys as string[]) t.regex(key, /^jobs\/[0-9a-f-]{36}\/[\w./-]+$/);
  });

  test.serial('headers: what a client sends breaks no line of an answer', async (t) => {
    const { system } = world();
    const lines = (header: string) => ['GET /api/jobs HTTP/1.1', `X-API-Key: ${system.apiKey}`, header];
    for (const header of [
      'X-Request-Id: a\nSet-Cookie: evil=1',
      'X-Request-Id: a\rSet-Cookie: evil=1',
      'X-Request-Id: a%0d%0aSet-Cookie:%20evil=1',
      'X-Request-Id: a\u0000b',
      'Origin: https://evil.example\nX-Evil: 1',
      'X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: javascript',
    ]) {
      const { head, body } = await rawRequest(system.queryUrl, lines(header));
      t.notRegex(head, /^(set-cookie|x-evil):/im, header);
      t.notRegex(head + body, /evil\.example/, header);
    }
    const smuggled = await rawRequest(
      system.commandUrl,
      [
        'POST /api/keys HTTP/1.1',
        `X-API-Key: ${system.apiKey}`,
        'Content-Type: application/json',
        'Content-Length: 4',
        'Transfer-Encoding: chunked',
      ],
      '0\r\n\r\nGET /api/keys HTTP/1.1\r\nHost: x\r\n\r\n',
    );
    t.is(smuggled.status, 400, 'a length and chunks at once');
  });
}
