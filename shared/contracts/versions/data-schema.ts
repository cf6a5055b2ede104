/** Families of messages: `TaskStarted` the event and `TaskStarted` the report are two contracts. */
export type Family = 'job-event' | 'account-event' | 'task-report' | 'task-progress' | 'attempt-refused';

const NAME = /^urn:transcodeflow:([a-z-]+):([A-Za-z]+):v([1-9]\d*)$/;

/**
 * CloudEvents' `dataschema` of a message, and the `$id` of its JSON Schema: a name, not an address.
 * The schemas lie in docs/contracts.
 */
export const dataSchema = (family: Family, type: string, version: number): string =>
  `urn:transcodeflow:${family}:${type}:v${version}`;

/**
 * The version that a `dataschema` names. 1 where there is none: what was published before the attribute was set.
 * @throws {SyntaxError} for a name that is none of ours
 */
export function versionIn(dataschema: string | undefined): number {
  if (dataschema === undefined) return 1;
  const version = NAME.exec(dataschema)?.[3];
  if (version === undefined) throw new SyntaxError(`Unknown dataschema "${dataschema}"`);
  return Number(version);
}
