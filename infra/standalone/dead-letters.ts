import { ConfigurationError, readEnvironment } from '@transcodeflow/shared/config/read-environment.ts';
import { findDatabase } from '@transcodeflow/shared/database/embedded/find-database.ts';
import { openPool } from '@transcodeflow/shared/database/pool.ts';
import {
  createOperator,
  type Operator,
  OperatorError,
  type Selection,
} from '@transcodeflow/shared/dead-letters/operator.ts';
import { createLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { Command } from 'commander';
import { outcomeText, retry } from './dead-letters/retry.ts';
import { listTable, messageJson, messageTable } from './dead-letters/tables.ts';
import { standaloneSettings } from './settings.ts';

const write = (text: string) => process.stdout.write(`${text}\n`);
const asJson = (value: unknown) => write(JSON.stringify(value, null, 2));

const program = new Command('dead-letters')
  .description(
    'Messages that a consumer could not handle are parked, and later ones of the same job behind them. Works on the ' +
      'running system: the database is DATABASE_URL, or the embedded one of DATA_DIR (./data).',
  )
  .showHelpAfterError();

program
  .command('list')
  .description('what is parked, oldest first')
  .option('--job <id>', 'of this job only')
  .option('--consumer <name>', 'of this consumer only, such as projections.jobs')
  .option('--json', 'as JSON')
  .action((options: { job?: string; consumer?: string; json?: true }) =>
    withOperator(async (operator) => {
      const listed = await operator.list(options);
      if (options.json) asJson(listed);
      else write(listTable(listed));
    }),
  );

program
  .command('show')
  .description('one message whole: headers, value, error and stack')
  .argument('<id>', 'its number in the list', messageId)
  .option('--json', 'as JSON')
  .action((id: string, options: { json?: true }) =>
    withOperator(async (operator) => {
      const message = await operator.show(id);
      if (options.json) asJson(messageJson(message));
      else write(messageTable(message));
    }),
  );

program
  .command('retry')
  .description('hand messages back to their consumer; all of a job that it has parked, in order')
  .argument('[id]', 'a message; the others of its job go with it', messageId)
  .option('--job <id>', 'everything parked of this job')
  .option('--all', 'everything parked')
  .option('--wait <seconds>', 'how long to wait for the outcome', seconds, 15)
  .option('--json', 'as JSON')
  .action((id: string | undefined, options: { job?: string; all?: true; wait: number; json?: true }) =>
    withOperator(async (operator) => {
      const outcome = await retry(operator, selectionOf(id, options), options.wait * 1_000);
      if (options.json) asJson(outcome);
      else write(outcomeText(outcome));
      if (outcome.failed.length + outcome.waiting.length > 0) process.exitCode = 1;
    }),
  );

program
  .command('drop')
  .description('remove a message unhandled, for good')
  .argument('<id>', 'its number in the list', messageId)
  .option('--yes', 'really')
  .option('--force', "also a read model's event, which leaves a gap until it is rebuilt")
  .option('--json', 'as JSON')
  .action((id: string, options: { yes?: true; force?: true; json?: true }) =>
    withOperator(async (operator) => {
      if (!options.yes) throw new OperatorError(`Message ${id} would be gone for good. Say so with --yes.`);
      const left = await operator.drop(id, { force: options.force ?? false });
      if (options.json) asJson({ dropped: id, left });
      else write(`Dropped ${id}.${left > 0 ? ` ${left} more of its job are parked: retry them.` : ''}`);
    }),
  );

function selectionOf(id: string | undefined, { job, all }: { job?: string; all?: true }): Selection {
  const [selection, ...others]: Selection[] = [
    ...(id === undefined ? [] : [{ id }]),
    ...(job === undefined ? [] : [{ job }]),
    ...(all ? (['all'] as const) : []),
  ];
  if (selection === undefined || others.length > 0)
    throw new OperatorError('Name one of: a message, --job <id>, --all');
  return selection;
}

function messageId(text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw new OperatorError(`${text} is no message's number; see \`list\``);
  return text;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new OperatorError(`${text} is no number of seconds`);
  return value;
}

async function withOperator(work: (operator: Operator) => Promise<void>): Promise<void> {
  const url = await findDatabase(readEnvironment(standaloneSettings));
  const pool = openPool({ url, name: 'dead-letters', max: 1, log: createLogger('dead-letters', 'error') });
  try {
    await work(createOperator(pool));
  } catch (error) {
    throw isMissingTable(error)
      ? new OperatorError('This database has no dead letters yet: no service was started on it.')
      : error;
  } finally {
    await pool.end();
  }
}

const isMissingTable = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '42P01';

try {
  // `pnpm dead-letters -- list` hands the dashes on.
  await program.parseAsync(process.argv.filter((argument, index) => !(index === 2 && argument === '--')));
} catch (error) {
  const isExpected = error instanceof OperatorError || error instanceof ConfigurationError;
  process.stderr.write(
    `${isExpected ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = error instanceof ConfigurationError ? 78 : 1;
}
