import { createReporter } from '@transcodeflow/processors/worker/reporter.ts';
import type { IncomingMessage, OutgoingMessage } from '@transcodeflow/shared/bus/bus.ts';
import { createInProcessBus } from '@transcodeflow/shared/bus/in-process-bus.ts';
import { AttemptRefused, attemptRefused } from '@transcodeflow/shared/contracts/attempt-refused.ts';
import { fromMessage } from '@transcodeflow/shared/contracts/cloud-event.ts';
import { catalogue, schemaId } from '@transcodeflow/shared/contracts/publish/catalogue.ts';
import { jsonSchemaOf } from '@transcodeflow/shared/contracts/publish/json-schema.ts';
import { messagesOf } from '@transcodeflow/shared/contracts/publish/messages-of.ts';
import { parseTaskReport, TaskProgress } from '@transcodeflow/shared/contracts/task-reports.ts';
import { topics } from '@transcodeflow/shared/contracts/topics.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import test, { type ExecutionContext } from 'ava';
import { fixturesOf, validator } from './schemas.ts';

const REPORT_ID = '019b7a11-7000-7000-8000-0000000000ff';

/** Its `dataschema` leads to a schema of the contract that its data fits, on a topic where it is announced. */
function isAsAnnounced(t: ExecutionContext, message: OutgoingMessage | IncomingMessage): void {
  const { type, dataschema, data } = fromMessage(message);
  const contract = catalogue.find((candidate) => schemaId(candidate) === dataschema);
  if (!contract) throw new Error(`${type} names ${dataschema}, which is not in the catalogue`);
  t.is(contract.type, type);
  t.true(messagesOf(message.topic).includes(contract), `${dataschema} on ${message.topic}`);
  const validate = validator(jsonSchemaOf(contract));
  t.true(validate(data), JSON.stringify(validate.errors));
}

test('what processors write is as the contract announces it', async (t) => {
  const bus = createInProcessBus();
  t.teardown(() => bus.close());
  const seen: IncomingMessage[] = [];
  await bus.subscribe({
    group: 'reader',
    topics: [topics.processing, topics.progress],
    handler: async ({ messages }) => void seen.push(...messages),
  });
  const reporter = createReporter(bus, 'worker-1', silentLogger);
  const reports = catalogue.filter(({ family }) => family === 'task-report');
  for (const { type, version } of reports) {
    const [data] = await fixturesOf(`task-report/${type}.v${version}`);
    await reporter.report(parseTaskReport(type, data), {}, new AbortController().signal);
  }
  const [progress] = await fixturesOf('task-progress/TaskProgress.v1');
  await reporter.heartbeat(TaskProgress.parse(progress));
  t.is(seen.length, reports.length + 1);
  for (const message of seen) isAsAnnounced(t, message);
});

test('a refusal is as the contract announces it', async (t) => {
  const [data] = await fixturesOf('attempt-refused/AttemptRefused.v1');
  isAsAnnounced(t, attemptRefused(AttemptRefused.parse(data), REPORT_ID));
});
