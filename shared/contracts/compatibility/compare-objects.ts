import { isDeepStrictEqual } from 'node:util';
import { type Compare, isSchema, propertiesOf, requiredOf, type Side } from './schema.ts';

/** Fields, and the values and names of records. */
export function compareObjects(before: Side, after: Side, path: string, compare: Compare): string[] {
  const problems: string[] = [];
  const was = propertiesOf(before.schema);
  const is = propertiesOf(after.schema);
  const wasRequired = requiredOf(before.schema);
  const isRequired = requiredOf(after.schema);
  for (const [name, schema] of Object.entries(was)) {
    const place = `${path}.${name}`;
    const now = is[name];
    if (!now) problems.push(`${place}: was removed or renamed`);
    else problems.push(...compare({ ...before, schema }, { ...after, schema: now }, place));
    if (now && wasRequired.includes(name) && !isRequired.includes(name))
      problems.push(`${place}: is no longer always there`);
  }
  for (const name of isRequired)
    if (!wasRequired.includes(name)) problems.push(`${path}.${name}: is required now`);
  for (const keyword of ['additionalProperties', 'propertyNames']) {
    const old = before.schema[keyword];
    const now = after.schema[keyword];
    if (isSchema(old) && isSchema(now))
      problems.push(...compare({ ...before, schema: old }, { ...after, schema: now }, `${path}.*`));
    else if (!isDeepStrictEqual(old, now)) problems.push(`${path || 'the data'}: ${keyword} was changed`);
  }
  return problems;
}
