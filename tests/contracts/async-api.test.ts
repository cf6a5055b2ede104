import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fromFile, Parser } from '@asyncapi/parser';
import { contractFolder } from '@transcodeflow/shared/contracts/publish/contract-files.ts';
import { deadLetterSettings, topicSettings } from '@transcodeflow/shared/contracts/topics.ts';
import test from 'ava';

const ERROR = 0;
const file = fileURLToPath(new URL('asyncapi.yaml', contractFolder));

test('asyncapi.yaml is valid and names every topic', async (t) => {
  const { document, diagnostics } = await fromFile(new Parser(), file).parse();
  t.deepEqual(
    diagnostics.filter(({ severity }) => severity === ERROR),
    [],
  );
  t.deepEqual(
    document
      ?.allChannels()
      .all()
      .map((channel) => channel.address())
      .sort(),
    [...topicSettings, ...deadLetterSettings].map(({ topic }) => topic).sort(),
  );
  const messages = document?.channels().get('transcodeflow_control')?.messages().all() ?? [];
  t.deepEqual(messages.map((message) => message.name()).sort(), [
    ...['AttemptRefused', 'JobCancelled', 'JobDeleted', 'JobFailed', 'TaskLost', 'TaskStarted'],
  ]);
  for (const message of document?.allMessages().all() ?? [])
    if (message.id() !== 'ParkedMessage') t.is(message.payload()?.title(), message.name());
});

test('the parser refuses a document that is wrong', async (t) => {
  const text = await readFile(file, 'utf8');
  const wrong = text.replaceAll('./schemas/job-event/JobPlanned', './schemas/job-event/JobPlaned');
  t.not(wrong, text);
  const { diagnostics } = await new Parser().parse(wrong, { source: file });
  t.true(diagnostics.some(({ severity }) => severity === ERROR));
});
