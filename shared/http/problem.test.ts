import test from 'ava';
import { AppError } from '../errors.ts';
import { problemOf } from './problem.ts';

test('half of a surrogate pair in a name that the client gave never reaches the answer', (t) => {
  const name = `q${'\ud835'}`;
  const refusal = new AppError('invalid_request', `${name}: is unknown`, {
    fields: { [name]: `not ${name}` },
  });
  const { detail, errors } = problemOf(refusal, '/api/jobs', 'request-1');
  t.is(detail, 'q\ufffd: is unknown');
  t.deepEqual(errors, { 'q\ufffd': 'not q\ufffd' });
});
