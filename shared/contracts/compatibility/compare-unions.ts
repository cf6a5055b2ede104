import { isDeepStrictEqual } from 'node:util';
import { type Compare, isSchema, propertiesOf, requiredOf, type Side } from './schema.ts';

export const isUnion = ({ schema }: Side): boolean => Array.isArray(schema.anyOf ?? schema.oneOf);

/** The alternatives that a schema offers: itself, where it is no union. */
function membersOf(side: Side): Side[] {
  const members = side.schema.anyOf ?? side.schema.oneOf;
  if (!Array.isArray(members)) return [side];
  return members.filter(isSchema).map((schema) => ({ ...side, schema }));
}

/** The required fields whose value is constant: what tells the members of a union apart. */
function discriminators({ schema }: Side): Record<string, unknown> {
  const required = requiredOf(schema);
  return Object.fromEntries(
    Object.entries(propertiesOf(schema))
      .filter(([name, inner]) => required.includes(name) && inner.const !== undefined)
      .map(([name, inner]) => [name, inner.const]),
  );
}

/** Each published alternative must have a compatible counterpart; new ones may join. */
export function compareUnions(
  before: Side,
  after: Side,
  path: string,
  compare: Compare,
  resolve: (side: Side) => Side,
): string[] {
  const now = membersOf(after).map(resolve);
  return membersOf(before)
    .map(resolve)
    .flatMap((member) => {
      if (now.some((candidate) => compare(member, candidate, path).length === 0)) return [];
      const tags = discriminators(member);
      const name = Object.keys(tags).length > 0 ? JSON.stringify(tags) : JSON.stringify(member.schema.type);
      const place = `${path}<${name}>`;
      const counterpart = now.find((candidate) => isDeepStrictEqual(discriminators(candidate), tags));
      return counterpart
        ? compare(member, counterpart, place)
        : [`${place}: this alternative was removed, or what tells it apart was changed`];
    });
}
