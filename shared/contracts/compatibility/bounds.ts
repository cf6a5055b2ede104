import type { Schema } from './schema.ts';

const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'];
const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'];

const numberAt = (schema: Schema, keyword: string, absent: number): number => {
  const value = schema[keyword];
  return typeof value === 'number' ? value : absent;
};

/** Bounds that leave out what was allowed before. */
export const boundsNarrowed = (was: Schema, is: Schema, at: string): string[] =>
  [
    ...LOWER.filter((keyword) => numberAt(is, keyword, -Infinity) > numberAt(was, keyword, -Infinity)),
    ...UPPER.filter((keyword) => numberAt(is, keyword, Infinity) < numberAt(was, keyword, Infinity)),
  ].map((keyword) => `${at}: ${keyword} ${was[keyword] ?? 'none'} became ${is[keyword]}`);
