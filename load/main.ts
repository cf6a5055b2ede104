import { parseArgs } from 'node:util';
import { runK6 } from './run-k6.ts';

const { env } = process;
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: env.BASE_URL || `http://127.0.0.1:${env.PORT || 8080}` },
    vus: { type: 'string', default: env.VUS || '4' },
    duration: { type: 'string', default: env.DURATION || '30' },
  },
});
const apiKey = env.API_KEY || env.BOOTSTRAP_API_KEY;
const [vus, durationS] = [Number(values.vus), Number.parseFloat(values.duration)];
if (!apiKey || !(vus >= 1) || !(durationS > 0)) {
  process.stderr.write(
    'Usage: API_KEY=… pnpm load [--url http://127.0.0.1:8080] [--vus 4] [--duration 30 (seconds)]\n',
  );
  process.exit(64);
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
try {
  const { ran, passed, summary } = await runK6({
    url: values.url,
    apiKey,
    vus,
    durationS,
    signal: stop.signal,
  });
  process.stdout.write(ran ? `${summary}\n` : `No load was run: ${summary}.\n`);
  process.exitCode = passed ? 0 : 1;
} catch (error) {
  process.stderr.write(
    `${stop.signal.aborted ? 'Stopped.' : error instanceof Error ? error.message : error}\n`,
  );
  process.exitCode = stop.signal.aborted ? 130 : 64;
}
