import { Command } from 'commander';
import { benchOnePass } from './bench/one-pass/one-pass.ts';
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

program
  .command('one-pass')
  .description('the default profile against one ffmpeg per output: CPU and wall time')
  .option('--file <path>', 'a source of your own; absent: one is made')
  .option('--seconds <count>', 'length of the source that is made', Number, 32)
  .option('--rounds <count>', 'how often each is run, in turns', Number, 3)
  .option('--record', 'keeps the figures as load/results/one-pass.json')
  .action(async (options: { file?: string; seconds: number; rounds: number; record?: true }) => {
    const figures = await benchOnePass(options, say);
    process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
    const command = `pnpm bench one-pass --seconds ${options.seconds} --rounds ${options.rounds}`;
    if (options.record) await record('one-pass', command, figures);
  });

await program.parseAsync();
