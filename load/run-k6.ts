import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { findK6, type K6 } from './find-k6.ts';

export interface LoadOptions {
  /** Of the API, on this machine: `http://127.0.0.1:8080`. */
  url: string;
  apiKey: string;
  durationS: number;
  /** Virtual users, each with one call at a time and a pause of 0.25 s between two. */
  vus: number;
  /** Whether Go may build k6 where there is none, which takes minutes the first time. Default: true. */
  build?: boolean;
  signal?: AbortSignal;
}

export interface LoadResult {
  /** False where no k6 is to be had. */
  ran: boolean;
  /** Every kind of call was made, under 1 % of each failed, and no answer was wrong. */
  passed: boolean;
  /** A table of the calls, and what k6 complained of; or in one line why it did not run. */
  summary: string;
}

/** For the calls under way at the end, and for deleting the run's jobs. */
const GRACE_MS = 120_000;

/**
 * Runs the mixed scenario against a system on this machine.
 * @throws {Error} for a URL of another machine; the signal's reason when aborted
 */
export async function runK6({
  url,
  apiKey,
  durationS,
  vus,
  build,
  signal,
}: LoadOptions): Promise<LoadResult> {
  const target = loopback(url);
  signal?.throwIfAborted();
  let k6: K6;
  try {
    k6 = await findK6({ build, signal });
  } catch (error) {
    signal?.throwIfAborted();
    return { ran: false, passed: false, summary: error instanceof Error ? error.message : String(error) };
  }
  const variables = { BASE_URL: target, API_KEY: apiKey, VUS: String(vus), DURATION: `${durationS}s` };
  const script = `${k6.scripts(import.meta.dirname)}/mixed.js`;
  const options = ['--quiet', '--no-usage-report', '--no-color', '--log-format=raw', '--address='];
  const args = [...k6.prefix(import.meta.dirname, Object.keys(variables)), 'run', ...options, script];
  const child = spawn(k6.command, args, {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // On TERM k6 ends the run early and still deletes its jobs.
  const limit = AbortSignal.timeout(durationS * 1000 + GRACE_MS);
  const stop = signal ? AbortSignal.any([signal, limit]) : limit;
  const onStop = () => child.kill('SIGTERM');
  stop.addEventListener('abort', onStop);
  const [output, complaints, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]).finally(() => stop.removeEventListener('abort', onStop));
  signal?.throwIfAborted();
  const verdict =
    code === 0
      ? ''
      : `k6 (${k6.origin}): ${code === 99 ? 'thresholds not met' : limit.aborted ? 'took too long' : `exit ${code}`}`;
  const parts = [output.trimEnd(), complaints.trim(), verdict].filter(Boolean);
  return { ran: true, passed: code === 0, summary: parts.join('\n') };
}

/** Load on machines that others use is not for a script to start. */
function loopback(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed || !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(parsed.hostname))
    throw new Error(
      `The load goes to this machine only (http://127.0.0.1:8080), not to ${JSON.stringify(url)}`,
    );
  return parsed.origin;
}
