import type { Listed } from '@transcodeflow/shared/dead-letters/operator.ts';
import { type ParkedMessage, reasonOf } from '@transcodeflow/shared/dead-letters/parked-message.ts';
import Table from 'cli-table3';

const LONGEST_ERROR = 60;
const SHOWN_BYTES = 4_096;
const plain = { style: { head: [], border: [] } };

/** One line, without what would move a terminal's cursor. */
const line = (text: string | null): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
  (text ?? '').replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();

const short = (text: string) => (text.length > LONGEST_ERROR ? `${text.slice(0, LONGEST_ERROR - 1)}…` : text);

export function listTable(messages: readonly Listed[]): string {
  if (messages.length === 0) return 'Nothing is parked.';
  const table = new Table({ head: ['id', 'consumer', 'job', 'type', 'parked', 'tries', 'error'], ...plain });
  for (const { id, consumer, job_id, type, parked_at, attempts, error } of messages)
    table.push([
      id,
      consumer,
      line(job_id),
      line(type),
      parked_at.toISOString(),
      attempts,
      attempts === 0 ? 'waits behind an earlier one' : short(line(error)),
    ]);
  return `${table}\n${messages.length} parked`;
}

export function messageTable(row: ParkedMessage): string {
  const table = new Table(plain);
  table.push(
    { id: row.id },
    { consumer: row.consumer },
    { key: line(row.key) },
    { from: `${row.topic}, partition ${row.partition}, offset ${row.offset}` },
    { published: row.published_timestamp.toISOString() },
    { parked: `${row.parked_at.toISOString()}, ${row.attempts} tries` },
    { error: line(reasonOf(row).error) },
  );
  const headers = Object.entries(row.original.headers).map(([name, value]) => `  ${name}: ${line(value)}`);
  const value = row.value.subarray(0, SHOWN_BYTES).toString('utf8');
  const more =
    row.value.length > SHOWN_BYTES ? `\n  (${row.value.length} bytes; all of them with --json)` : '';
  return [
    String(table),
    'headers',
    ...headers,
    'value',
    `  ${line(value)}${more}`,
    'stack',
    (row.stack ?? '')
      .split('\n')
      .map((text) => `  ${line(text)}`)
      .join('\n'),
  ].join('\n');
}

/** For `--json`: the value as text where it is UTF-8, else as base64. */
export function messageJson({ value, ...row }: ParkedMessage): object {
  const text = value.toString('utf8');
  return Buffer.from(text).equals(value)
    ? { ...row, value: text }
    : { ...row, value_base64: value.toString('base64') };
}
