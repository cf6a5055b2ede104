import type { Middleware } from 'koa';
import { z } from 'zod';
import type { Problem } from '../contracts/rest/problem.ts';
import { AppError, errorTable } from '../errors.ts';
import type { AppState } from './app-state.ts';
import { isOutOfReach } from './out-of-reach.ts';

/** The document that tells a refusal. */
export const problemOf = (refusal: AppError, instance: string, request_id: string): Problem => {
  const { status, title } = errorTable[refusal.code];
  return {
    type: `https://transcodeflow.dev/problems/${refusal.code.replaceAll('_', '-')}`,
    title,
    status,
    detail: refusal.message.toWellFormed(),
    code: refusal.code,
    instance,
    request_id,
    ...(refusal.fields ? { errors: wellFormed(refusal.fields) } : {}),
  };
};

/** Names may be the client's own, halves of surrogate pairs among them, which are no JSON (RFC 8259, 8.2). */
const wellFormed = (fields: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, message]) => [name.toWellFormed(), message.toWellFormed()]),
  );

/** The one place where errors become answers. What is not an AppError says nothing about the inside. */
export const problems: Middleware<AppState> = async (ctx, next) => {
  try {
    await next();
    if (ctx.status === 404 && ctx.body === undefined)
      throw new AppError('route_not_found', `There is no ${ctx.method} ${ctx.path}`);
    if (ctx.status === 405 && ctx.body === undefined)
      throw new AppError('method_not_allowed', `${ctx.path} does not know ${ctx.method}`);
  } catch (error) {
    const refusal = asAppError(error);
    const problem = problemOf(refusal, ctx.path, ctx.state.requestId);
    const { status } = problem;
    if (status >= 500) ctx.state.log.error({ err: error }, 'request failed');
    ctx.status = status;
    ctx.body = JSON.stringify(problem);
    ctx.type = 'application/problem+json';
  }
};

/** An unknown field is told by its own name, not by that of the object that it stands in. */
function fieldsOf(issue: z.core.$ZodIssue): [field: string, message: string][] {
  const { path, message } = issue;
  if (issue.code !== 'unrecognized_keys') return [[path.join('.') || 'body', message]];
  return issue.keys.map((key) => [[...path, key].join('.'), 'is not known here']);
}

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof z.ZodError) {
    const fields = Object.fromEntries(error.issues.flatMap((issue) => fieldsOf(issue)));
    const [field, message] = Object.entries(fields)[0] ?? ['body', 'invalid'];
    return new AppError('invalid_request', `${field}: ${message}`, { fields });
  }
  if (isOutOfReach(error))
    return new AppError('unavailable', 'A part of the system does not answer right now: try again', {
      cause: error,
    });
  return new AppError(
    'internal',
    'Something went wrong on our side; the request id helps to find it in the logs',
  );
}
