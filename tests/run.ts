import { rm } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { audit } from './runner/audit.ts';
import { add, type Counts } from './runner/count.ts';
import { checkCoverage, coverageFolder } from './runner/coverage.ts';
import { whyNoDocker } from './runner/docker.ts';
import { phases } from './runner/phases.ts';
import { runPhase } from './runner/run-phase.ts';

const program = new Command('test')
  .description(
    'Runs lint, types and every suite; with Docker also those over real Kafka, Postgres, Redis and MinIO.',
  )
  .addOption(new Option('--only <phase...>', 'run only these').choices(phases.map(({ name }) => name)))
  .option('--coverage', 'measure coverage and hold each workspace to its floor')
  .option('--require-real-stack', 'fail where Docker is missing instead of leaving those suites out')
  .showHelpAfterError()
  .parse();
const options = program.opts<{ only?: string[]; coverage?: boolean; requireRealStack?: boolean }>();

const noDocker = await whyNoDocker();
const leftOut: string[] = [];
const failures: string[] = [];
let total: Counts = { passed: 0, failed: 0, skipped: 0 };
if (options.coverage) await rm(coverageFolder, { recursive: true, force: true });
const env: NodeJS.ProcessEnv = options.coverage ? { NODE_V8_COVERAGE: coverageFolder } : {};

for (const phase of phases.filter(({ name }) => options.only?.includes(name) ?? true)) {
  process.stdout.write(`\n── ${phase.name}: ${phase.command.join(' ')}\n`);
  if (phase.needsDocker && noDocker) {
    if (options.requireRealStack) total = add(total, { passed: 0, failed: 1, skipped: 0 });
    else total = add(total, { passed: 0, failed: 0, skipped: 1 });
    leftOut.push(phase.name);
    continue;
  }
  const started = performance.now();
  const { counts, failures: said } = await runPhase(phase, env);
  total = add(total, counts);
  if (counts.failed > 0) failures.push(`── ${phase.name}: what failed\n\n${said}\n`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`── ${phase.name}: ${counts.failed === 0 ? 'ok' : 'FAILED'} in ${seconds} s\n`);
}
if (!options.only) {
  process.stdout.write('\n── audit\n');
  total = add(total, await audit());
}
if (options.coverage) {
  process.stdout.write('\n── coverage\n');
  total = add(total, checkCoverage());
}
if (leftOut.length > 0)
  process.stdout.write(
    `\nLeft out: ${leftOut.join(', ')} (real Kafka, Postgres, Redis and MinIO), because ${noDocker}.\n`,
  );
// Told once more, where whoever looks at a long run looks first.
for (const said of failures) process.stdout.write(`\n${said}`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
