import type { Middleware } from 'koa';
import { z } from 'zod';
import { AppError, type ErrorCode, errorTable } from '../errors.ts';
import type { AppState } from './app-state.ts';

/** An RFC 9457 problem document. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  instance: string;
  request_id: string;
  errors?: Record<string, string>;
}

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
    const { status, title } = errorTable[refusal.code];
    if (status >= 500) ctx.state.log.error({ err: error }, 'request failed');
    const problem: Problem = {
      type: `https://transcodeflow.dev/problems/${refusal.code.replaceAll('_', '-')}`,
      title,
      status,
      detail: refusal.message,
      code: refusal.code,
      instance: ctx.path,
      request_id: ctx.state.requestId,
      ...(refusal.fields ? { errors: refusal.fields } : {}),
    };
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
  return new AppError(
    'internal',
    'Something went wrong on our side; the request id helps to find it in the logs',
  );
}
