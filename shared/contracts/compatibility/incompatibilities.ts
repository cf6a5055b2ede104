import { isDeepStrictEqual } from 'node:util';
import { boundsNarrowed } from './bounds.ts';
import { compareObjects } from './compare-objects.ts';
import { compareUnions, isUnion } from './compare-unions.ts';
import { isSchema, type Schema, type Side } from './schema.ts';

const ANNOTATIONS = new Set(['title', 'description', '$id', '$schema', '$defs', '$comment', 'examples']);
const COMPARED = new Set([
  ...['$ref', 'type', 'const', 'enum', 'anyOf', 'oneOf', 'items', 'minItems', 'maxItems'],
  ...['properties', 'required', 'additionalProperties', 'propertyNames'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minLength', 'maxLength'],
]);

/**
 * What in `current` breaks a promise that `published` (JSON Schema 2020-12 of the same version) makes, one line
 * each, with its place; empty for a compatible change.
 *
 * Both directions count. Stored data of the published schema must still be read: no new required field, no narrower
 * type, enum or bound. Consumers of the published schema must find what they were promised: no field removed, renamed
 * or made optional, no type changed, no discriminator changed. Allowed are new optional fields, new enum values, new
 * members of a union and wider bounds, which consumers are told to expect. What this cannot judge is refused.
 */
export function incompatibilities(published: Schema, current: Schema): string[] {
  return compare({ schema: published, root: published }, { schema: current, root: current }, '');
}

function resolve({ schema, root }: Side): Side {
  const { $ref } = schema;
  if (typeof $ref !== 'string') return { schema, root };
  const target = $ref
    .replace(/^#\/?/, '')
    .split('/')
    .filter(Boolean)
    .reduce<unknown>((at, name) => (isSchema(at) ? at[name] : undefined), root);
  if (!isSchema(target)) throw new Error(`Cannot follow ${$ref}`);
  return resolve({ schema: target, root });
}

function compare(publishedSide: Side, currentSide: Side, path: string): string[] {
  const before = resolve(publishedSide);
  const after = resolve(currentSide);
  const at = path || 'the data';
  if (isUnion(before) || isUnion(after)) return compareUnions(before, after, path, compare, resolve);
  const problems: string[] = [];
  const { schema: was } = before;
  const { schema: is } = after;
  if (!isDeepStrictEqual(was.type, is.type))
    return [`${at}: type ${JSON.stringify(was.type)} became ${JSON.stringify(is.type)}`];
  problems.push(...valuesNarrowed(was, is, at), ...boundsNarrowed(was, is, at));
  for (const keyword of new Set([...Object.keys(was), ...Object.keys(is)]))
    if (!ANNOTATIONS.has(keyword) && !COMPARED.has(keyword) && !isDeepStrictEqual(was[keyword], is[keyword]))
      problems.push(
        `${at}: ${keyword} ${JSON.stringify(was[keyword])} became ${JSON.stringify(is[keyword])}`,
      );
  problems.push(...compareObjects(before, after, path, compare));
  if (isSchema(was.items) && isSchema(is.items))
    problems.push(...compare({ ...before, schema: was.items }, { ...after, schema: is.items }, `${path}[]`));
  else if (!isDeepStrictEqual(was.items, is.items)) problems.push(`${at}: items were changed`);
  return problems;
}

function valuesNarrowed(was: Schema, is: Schema, at: string): string[] {
  if (!isDeepStrictEqual(was.const, is.const))
    return [`${at}: constant ${JSON.stringify(was.const)} became ${JSON.stringify(is.const)}`];
  if (!Array.isArray(is.enum)) return [];
  if (!Array.isArray(was.enum)) return [`${at}: any value was allowed, now only ${is.enum.join(', ')}`];
  const allowed = is.enum;
  return was.enum
    .filter((value) => !allowed.includes(value))
    .map((value) => `${at}: value ${JSON.stringify(value)} was removed`);
}
