import { ConfigurationError } from '@transcodeflow/shared/config/read-environment.ts';
import { Argument, Command } from 'commander';
import { chosen, openForCommand } from './cli/open.ts';
import { createProgress } from './cli/progress.ts';
import type { Projection } from './projector/projection.ts';
import { rebuild } from './rebuild/rebuild.ts';
import { verify } from './rebuild/verify.ts';
import { projections } from './start.ts';

/** A fresh argument for each command: one of the read models, all of them by default. */
const which = () =>
  new Argument('[name]', `one of ${projections.map(({ name }) => name).join(', ')}; default: all`)
    .argParser(chosen)
    .default(projections, 'all');

const program = new Command('projections')
  .description(
    'Rebuilds and checks the read models of DATABASE_URL, or of the embedded system that runs on DATA_DIR.',
  )
  .showHelpAfterError();

program
  .command('rebuild')
  .description(
    'builds new tables from the event store and switches to them; queries are served all the while',
  )
  .addArgument(which())
  .action((list: readonly Projection[]) =>
    each(list, async (projection, context, write) => {
      const built = await rebuild(projection, context);
      if (!built) return;
      const rate = Math.round(built.events / Math.max(0.001, built.wall_ms / 1_000));
      write(
        `${projection.name}: rebuilt from ${built.events} events in ${(built.wall_ms / 1_000).toFixed(1)} s (${rate} events/s); projectors waited ${built.switch_ms} ms`,
      );
    }),
  );

program
  .command('verify')
  .description('compares the live tables with freshly built ones; exits 1 if they differ, saying where')
  .addArgument(which())
  .action((list: readonly Projection[]) =>
    each(list, async (projection, context, write) => {
      const { live, fresh, equal, differences, events } = await verify(projection, context);
      write(`${projection.name}: ${equal ? 'equal' : 'DIFFERENT'} (${events} events)`);
      write(`  live    sha256:${live}\n  rebuilt sha256:${fresh}`);
      for (const difference of differences) write(`  ${difference}`);
      if (!equal) process.exitCode = 1;
    }),
  );

type Context = Parameters<typeof rebuild>[1];

async function each(
  list: readonly Projection[],
  work: (projection: Projection, context: Context, write: (line: string) => void) => Promise<void>,
): Promise<void> {
  const context = await openForCommand();
  try {
    for (const projection of list) {
      const progress = createProgress(process.stderr);
      try {
        await work(projection, { ...context, onProgress: progress.show }, (line) => {
          progress.stop();
          process.stdout.write(`${line}\n`);
        });
      } finally {
        progress.stop();
      }
    }
  } finally {
    await context.close();
  }
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigurationError ? 78 : 1;
}
