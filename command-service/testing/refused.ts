import type { Problem } from '@transcodeflow/shared/contracts/rest/problem.ts';
import type { ErrorCode } from '@transcodeflow/shared/errors.ts';
import type { ExecutionContext } from 'ava';

/** Asserts that an answer is the given refusal, as problem+json, and hands its document on. */
export async function refused(
  t: ExecutionContext,
  response: Response,
  status: number,
  code: ErrorCode,
): Promise<Problem> {
  const problem = (await response.json()) as Problem;
  t.is(response.status, status, JSON.stringify(problem));
  t.is(problem.code, code);
  t.is(response.headers.get('content-type'), 'application/problem+json');
  return problem;
}
