import test from 'ava';
import { documented, type GivenAnswer } from '../systems/documented.ts';

const check = documented();
const id = '01980000-0000-7000-8000-000000000001';

const problem = (status: number, code: string) =>
  JSON.stringify({
    type: 'https://transcodeflow.dev/problems/x',
    title: 'X',
    status,
    detail: 'why',
    code,
    instance: '/x',
    request_id: 'r',
  });

const answer = (changes: Partial<GivenAnswer> & { type?: string }): GivenAnswer => {
  const { type = 'application/json', ...rest } = changes;
  const headers = new Headers({ 'content-type': type, 'x-request-id': 'r' });
  const text = JSON.stringify({ job_id: id, status: 'cancelled' });
  return { method: 'POST', path: `/api/jobs/${id}/cancel?x=1`, status: 200, headers, text, ...rest };
};
const refused = (path: string, status: number, code: string, method = 'POST') =>
  answer({ method, path, status, text: problem(status, code), type: 'application/problem+json' });

test('answers as documented pass', (t) => {
  t.notThrows(() => check(answer({})));
  t.notThrows(() => check(refused(`/api/jobs/${id}/cancel`, 400, 'already_finished')));
  t.notThrows(() => check(refused('/nowhere', 404, 'route_not_found', 'GET')));
  t.notThrows(() => check(refused('/api/jobs/stats', 405, 'method_not_allowed', 'DELETE')));
  const segment = answer({
    method: 'GET',
    path: `/api/jobs/${id}/outputs/hls/720p/segment-1.m4s`,
    type: 'video/iso.segment',
  });
  for (const [name, value] of Object.entries({
    ETag: '"x"',
    'Last-Modified': new Date(0).toUTCString(),
    'Accept-Ranges': 'bytes',
    'Content-Disposition': 'inline',
  }))
    segment.headers.set(name, value);
  t.notThrows(() => check(segment));
});

const wrong: Record<string, [GivenAnswer, RegExp]> = {
  'a status that is not documented': [answer({ status: 202 }), /only .*200.* are documented/],
  'a body that is not': [answer({ text: JSON.stringify({ job_id: id, status: 'queued' }) }), /body\/status/],
  'a field that is not': [
    answer({ text: JSON.stringify({ job_id: id, status: 'cancelled', path: '/etc' }) }),
    /additional properties/,
  ],
  'a content type that is not': [answer({ type: 'text/html' }), /type text\/html/],
  'a code of another call': [refused(`/api/jobs/${id}/cancel`, 400, 'invalid_thumbnail'), /body\/code/],
  'a status in the body that is not the answer’s': [
    { ...refused(`/api/jobs/${id}/cancel`, 400, 'invalid_request'), text: problem(404, 'invalid_request') },
    /body\/status/,
  ],
  'a success where there is nothing': [answer({ path: '/api/nowhere' }), /call is not documented/],
  'no request id': [
    { ...answer({}), headers: new Headers({ 'content-type': 'application/json' }) },
    /X-Request-Id/,
  ],
  'no entity tag': [answer({ method: 'GET', path: '/api/jobs/stats', text: '{}' }), /ETag/],
};
for (const [name, [given, message]] of Object.entries(wrong))
  test(`${name} is caught`, (t) => {
    t.throws(() => check(given), { message });
  });
