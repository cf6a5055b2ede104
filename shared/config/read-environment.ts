import type { z } from 'zod';

/** A setting is missing or wrong; the message names each one and says what was expected. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
}

/**
 * Reads settings from environment variables; an empty one counts as missing.
 * @throws {ConfigurationError} naming every variable that is missing or wrong
 */
export function readEnvironment<T extends z.ZodType>(
  schema: T,
  env: NodeJS.ProcessEnv = process.env,
): z.infer<T> {
  const set = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = schema.safeParse(set);
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path, message, code }) => {
    const name = path.join('.');
    return name in set
      ? `  ${name}: ${message}`
      : `  ${name} is not set${code === 'invalid_type' ? '' : `: ${message}`}`;
  });
  throw new ConfigurationError(
    `The configuration is not usable:\n${lines.join('\n')}\nSee .env.example for every setting.`,
  );
}
