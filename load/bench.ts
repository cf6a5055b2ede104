import { Command } from 'commander';
import { benchRebuild } from './bench/rebuild/rebuild.ts';
import { record } from './bench/record.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

const program = new Command('bench')
  .description('Measures, prints figures, and keeps them under load/results/ when asked to.')
  .showHelpAfterError();

program
  .command('rebuild')
  .description('rebuilds every read model from the event store: events/s and memory')
  .option('--events <count>', 'events in the store', Number, 1_000_000)
  .option('--record', 'keeps the figures as load/results/rebuild.json')
  .action(async (options: { events: number; record?: true }) => {
    const figures = await benchRebuild(options.events, say);
    process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
    if (options.record) await record('rebuild', `pnpm bench rebuild --events ${options.events}`, figures);
  });

await program.parseAsync();
