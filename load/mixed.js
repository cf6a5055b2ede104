/**
 * A mixed load on the API: of seven calls three list jobs, two ask for a job's status, one for the statistics, and
 * one uploads. Each upload is a real job, so a pause between the calls keeps their number bounded; the jobs are
 * deleted at the end. The thresholds are on errors and wrong answers only: how fast it is, the summary says.
 *
 * Settings (environment): BASE_URL, API_KEY, VUS (default 4), DURATION (default 30s), THINK_S (default 0.25, pause
 * after each call).
 */
import { check, fail, sleep } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';

const {
  BASE_URL = 'http://127.0.0.1:8080',
  API_KEY = '',
  VUS = '4',
  DURATION = '30s',
  THINK_S = '0.25',
} = __ENV;
const MIX = ['list', 'status', 'list', 'upload', 'list', 'status', 'stats'];
const ENDPOINTS = ['list', 'status', 'stats', 'upload'];

/** 320x180, 1 s with a tone; see README.md. */
const clip = open('./clip.mp4', 'b');

export const options = {
  scenarios: {
    mixed: { executor: 'constant-vus', vus: Number(VUS), duration: DURATION, gracefulStop: '30s' },
  },
  thresholds: {
    checks: ['rate==1'],
    // The submetrics show up in the summary only where a threshold names them.
    ...Object.fromEntries(
      ENDPOINTS.flatMap((endpoint) => [
        [`http_req_failed{endpoint:${endpoint}}`, ['rate<0.01']],
        [`http_reqs{endpoint:${endpoint}}`, ['count>0']],
        [`http_req_duration{endpoint:${endpoint}}`, ['max>=0']],
      ]),
    ),
  },
  summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max'],
};

/** Uploads one job, so that the first status calls have one to ask for. */
export function setup() {
  const filename = `load-${Date.now()}.mp4`;
  const response = upload(filename, 'setup');
  if (response.status !== 200) fail(`The first upload to ${BASE_URL} was refused: ${answerOf(response)}`);
  return { filename, jobId: response.json('job_id') };
}

/** The last upload of this virtual user. */
let lastJobId;

export default function call({ filename, jobId }) {
  switch (MIX[exec.scenario.iterationInTest % MIX.length]) {
    case 'list':
      verify(get('list', '/api/jobs?page=1&per_page=20'), {
        'list: a page of jobs': (response) =>
          Array.isArray(response.json('jobs')) && response.json('jobs').length <= 20,
      });
      break;
    case 'status': {
      const asked = lastJobId ?? jobId;
      // Just uploaded or not: a client that got an answer finds its job.
      verify(get('status', `/api/jobs/${asked}`, '/api/jobs/{id}'), {
        'status: that job': (response) => response.json('job_id') === asked,
        'status: not failed': (response) => response.json('status') !== 'failed',
      });
      break;
    }
    case 'stats':
      verify(get('stats', '/api/jobs/stats'), {
        'stats: counts its jobs': (response) => response.json('total_jobs') > 0,
      });
      break;
    case 'upload': {
      const response = upload(filename, 'upload');
      verify(response, { 'upload: queued': (accepted) => accepted.json('status') === 'queued' });
      if (response.status === 200) lastJobId = response.json('job_id');
      break;
    }
  }
  sleep(Number(THINK_S));
}

/** Deletes what was uploaded, so that no queue is left behind. */
export function teardown({ filename }) {
  for (;;) {
    const page = get('teardown', '/api/jobs?page=1&per_page=100');
    const ours = page.status === 200 ? page.json('jobs').filter((job) => job.filename === filename) : [];
    if (ours.length === 0) return;
    for (const { job_id } of ours) {
      const response = http.del(`${BASE_URL}/api/jobs/${job_id}`, null, params('teardown', '/api/jobs/{id}'));
      if (response.status !== 200) fail(`A job of this run could not be deleted: ${answerOf(response)}`);
    }
  }
}

/** A table on standard output; nothing is sent or fetched for it. */
export function handleSummary({ metrics }) {
  const row = (cells) =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(8) : cell.padStart(10))).join('');
  const valuesOf = (name) => metrics[name]?.values ?? {};
  const ms = (value) => (value === undefined ? '-' : `${value.toFixed(1)} ms`);
  const lines = [row(['', 'calls', 'failed', 'median', 'p95', 'p99'])];
  for (const endpoint of ENDPOINTS) {
    const duration = valuesOf(`http_req_duration{endpoint:${endpoint}}`);
    lines.push(
      row([
        endpoint,
        String(valuesOf(`http_reqs{endpoint:${endpoint}}`).count ?? 0),
        `${(100 * (valuesOf(`http_req_failed{endpoint:${endpoint}}`).rate ?? 0)).toFixed(1)} %`,
        ms(duration.med),
        ms(duration['p(95)']),
        ms(duration['p(99)']),
      ]),
    );
  }
  const { passes = 0, fails = 0 } = valuesOf('checks');
  lines.push(`${passes} answers checked, ${fails} wrong`);
  return { stdout: `${lines.join('\n')}\n` };
}

function params(endpoint, name) {
  return { headers: { 'X-API-Key': API_KEY }, tags: { endpoint, name }, timeout: '60s' };
}

function get(endpoint, path, name = path) {
  return http.get(`${BASE_URL}${path}`, params(endpoint, name));
}

function upload(filename, endpoint) {
  const body = { file: http.file(clip, filename, 'video/mp4') };
  return http.post(`${BASE_URL}/api/upload`, body, params(endpoint, '/api/upload'));
}

/** Asks about the body only where there is one: an error answer counts as failed, not as an exception. */
function verify(response, questions) {
  const ok = response.status === 200;
  check(response, {
    'status 200': () => ok,
    ...Object.fromEntries(
      Object.entries(questions).map(([name, question]) => [name, () => ok && question(response)]),
    ),
  });
}

function answerOf(response) {
  return response.error || `${response.status} ${response.body}`;
}
