import { createConfig, lintFromString } from '@redocly/openapi-core';
import { openApiDocument } from '@transcodeflow/shared/contracts/rest/openapi.ts';
import test from 'ava';

/** By the recommended rules, none turned off, warnings counted as errors. */
const lint = async (document: object) => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} (${location[0]?.pointer})`);
};

test('the document is a good OpenAPI document', async (t) => {
  t.deepEqual(await lint(openApiDocument()), []);
  t.deepEqual(await lint(openApiDocument('https://video.example')), []);
});

test('the lint refuses what is wrong', async (t) => {
  const document = structuredClone(openApiDocument());
  const job = document.paths?.['/api/jobs/{id}']?.get;
  t.truthy(job);
  delete job?.parameters;
  t.regex((await lint(document)).join('\n'), /path-parameters-defined/);
});

test('each call has an id of its own, a summary, and one known tag', (t) => {
  const document = openApiDocument();
  const known = new Set((document.tags ?? []).map(({ name }) => name));
  const operations = Object.values(document.paths ?? {}).flatMap(
    ({ get, head, post, put, patch, delete: remove, options }) =>
      [get, head, post, put, patch, remove, options].filter((operation) => operation !== undefined),
  );
  t.true(operations.length > 10);
  t.is(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
  for (const { operationId, summary, tags, security } of operations) {
    t.regex(operationId ?? '', /^[a-z]+[A-Za-z]*$/);
    t.truthy(summary, operationId);
    t.true(tags?.length === 1 && known.has(tags[0] ?? ''), `${operationId}: ${tags}`);
    t.truthy(security, `${operationId} says who may call it`);
  }
});
