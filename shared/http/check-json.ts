import { AppError } from '../errors.ts';

const MOST_LEVELS = 16;
/** Names that would reach an object's prototype where a body is merged into one. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Refuses JSON that no schema should have to think of: nested without end, with names that reach a prototype, or with
 * text that PostgreSQL cannot hold (NUL, half of a surrogate pair). Level by level, not by recursion: that is what a deep
 * body would break.
 * @throws {AppError} `invalid_request`
 */
export function checkJson(json: unknown): void {
  let level: unknown[] = [json];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MOST_LEVELS)
      throw new AppError('invalid_request', `JSON may be nested at most ${MOST_LEVELS} levels deep`);
    const below: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'string') checkText(value);
      if (typeof value !== 'object' || value === null) continue;
      for (const name of Object.keys(value)) {
        checkText(name);
        if (FORBIDDEN.has(name)) throw new AppError('invalid_request', `The name "${name}" is not allowed`);
      }
      below.push(...Object.values(value));
    }
    level = below;
  }
}

function checkText(text: string): void {
  if (text.includes('\0') || !text.isWellFormed())
    throw new AppError('invalid_request', 'Text must be well-formed Unicode without NUL characters');
}
