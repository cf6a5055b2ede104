import { AppError } from '@transcodeflow/shared/errors.ts';
import type { z } from 'zod';

/**
 * A call's query, validated. A parameter that the call does not know is refused by its name.
 * @throws {AppError} 400 with what is wrong with each field
 */
export function parseQuery<T extends z.ZodType>(schema: T, query: unknown): z.infer<T> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const fields: Record<string, string> = {};
  for (const issue of parsed.error.issues) {
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys) fields[key.slice(0, 64)] = 'is no parameter of this call';
    else fields[String(issue.path[0] ?? 'query')] ??= issue.message;
  }
  const [field, message] = Object.entries(fields)[0] ?? ['query', 'is invalid'];
  throw new AppError('invalid_request', `${field}: ${message}`, { fields });
}
