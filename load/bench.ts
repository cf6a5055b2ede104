import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import { benchChunks } from './bench/chunks/chunks.ts';
import { benchHardware } from './bench/hardware/hardware.ts';
import { benchLeak } from './bench/leak/leak.ts';
import { benchMemory } from './bench/memory/memory.ts';
import { benchOnePass } from './bench/one-pass/one-pass.ts';
import { benchSettings } from './bench/one-pass/settings.ts';
import { benchOverhead, type Stack } from './bench/overhead/overhead.ts';
import { benchPeer } from './bench/peer/peer.ts';
import { benchRebuild } from './bench/rebuild/rebuild.ts';
import { record } from './bench/record.ts';
import { benchThroughput } from './bench/throughput/throughput.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

interface OverheadOptions {
  stack: Stack;
  seconds: number;
  warmUp: number;
  rounds: number;
  record?: true;
}

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

program
  .command('settings')
  .description('the cheapest x264 settings of equal SSIM and at most 2 % more bytes, in one pass')
  .option('--seconds <count>', 'length of the source', Number, 16)
  .option('--record', 'keeps the figures as load/results/settings.json')
  .action(async (options: { seconds: number; record?: true }) => {
    const figures = await benchSettings(options, say);
    process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
    if (options.record) await record('settings', `pnpm bench settings --seconds ${options.seconds}`, figures);
  });

program
  .command('hardware')
  .description(
    'encoding typical sources by the CPU alone and with the hardware of this machine: CPU and wall time, SSIM',
  )
  .option('--seconds <count>', 'length of the sources', Number, 16)
  .option('--record', 'keeps the figures as load/results/hardware.json')
  .action(async (options: { seconds: number; record?: true }) => {
    const figures = await benchHardware(options, say);
    process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
    if (options.record) await record('hardware', `pnpm bench hardware --seconds ${options.seconds}`, figures);
  });

program
  .command('overhead')
  .description('a job against its own ffmpeg commands run by hand: what orchestration costs')
  .addOption(
    new Option('--stack <kind>', 'embedded, or real: Kafka, Postgres, Redis and MinIO in containers')
      .choices(['embedded', 'real'])
      .default('embedded'),
  )
  .option('--seconds <count>', 'length of the source', Number, 60)
  .option('--warm-up <count>', 'rounds before those that count', Number, 2)
  .option('--rounds <count>', 'how often each is run, in turns', Number, 3)
  .option('--record', 'keeps the figures as load/results/overhead-<stack>.json')
  .action(async (options: OverheadOptions) => {
    const { stack, seconds, warmUp, rounds } = options;
    const figures = await benchOverhead({ stack, seconds, warm_up: warmUp, rounds }, say);
    process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
    const command = `pnpm bench overhead --stack ${stack} --seconds ${seconds} --warm-up ${warmUp} --rounds ${rounds}`;
    if (options.record) await record(`overhead-${stack}`, command, figures);
  });

program
  .command('chunks')
  .description('one long video by one single-threaded worker, and by some')
  .addOption(
    new Option(
      '--stack <kind>',
      'embedded: a worker is a slot; real: a processor of its own, over Kafka in a container',
    )
      .choices(['embedded', 'real'])
      .default('embedded'),
  )
  .option('--seconds <count>', 'length of the source', Number, 180)
  .option(
    '--workers <counts>',
    'how many are compared with one, e.g. 2,4',
    (list) => list.split(',').map(Number),
    [2],
  )
  .option(
    '--cpus <count>',
    'real: CPUs that each processor may use, e.g. 0.6, so that as much is left to all others beside one as beside some',
    Number,
  )
  .option('--rounds <count>', 'how often each is run, in turns', Number, 1)
  .option(
    '--record',
    'keeps the figures as load/results/chunks-<stack>.json, with --cpus chunks-real-held.json',
  )
  .action(
    async (options: {
      stack: Stack;
      seconds: number;
      workers: number[];
      cpus?: number;
      rounds: number;
      record?: true;
    }) => {
      const { stack, seconds, workers, cpus, rounds } = options;
      const figures = await benchChunks(options, say);
      process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
      const held = cpus ? ` --cpus ${cpus}` : '';
      const command = `pnpm bench chunks --stack ${stack} --seconds ${seconds} --workers ${workers.join()}${held} --rounds ${rounds}`;
      if (options.record) await record(`chunks-${stack}${cpus ? '-held' : ''}`, command, figures);
    },
  );

program
  .command('throughput')
  .description('GB per day of 1080p at 20 Mbit/s, and what 100 GB per day need')
  .option('--seconds <count>', 'length of the source', Number, 60)
  .option('--jobs <count>', 'jobs at once', Number, 4)
  .option('--record', 'keeps the figures as load/results/throughput.json')
  .action(async (options: { seconds: number; jobs: number; record?: true }) => {
    const { seconds, jobs } = options;
    const figures = await benchThroughput({ seconds, jobs, cores: availableParallelism() }, say);
    process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
    const command = `pnpm bench throughput --seconds ${seconds} --jobs ${jobs}`;
    if (options.record) await record('throughput', command, figures);
  });

program
  .command('peer')
  .description('the same ladder by Shaka Streamer (installed from PyPI): wall, CPU, bytes, SSIM')
  .option('--file <path>', 'a source of your own; absent: one is made')
  .option('--seconds <count>', 'length of the source that is made', Number, 60)
  .option('--record', 'keeps the figures as load/results/peer.json')
  .action(async (options: { file?: string; seconds: number; record?: true }) => {
    const figures = await benchPeer(options, say);
    process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
    if (options.record) await record('peer', `pnpm bench peer --seconds ${options.seconds}`, figures);
  });

program
  .command('memory')
  .description('peak memory of each service and of ffmpeg while ten jobs run at once')
  .addOption(
    new Option('--stack <kind>', 'embedded, or real: Kafka, Postgres, Redis and MinIO in containers')
      .choices(['embedded', 'real'])
      .default('embedded'),
  )
  .option('--seconds <count>', 'length of the source', Number, 20)
  .option('--jobs <count>', 'jobs at once', Number, 10)
  .option('--record', 'keeps the figures as load/results/memory-<stack>.json')
  .action(async (options: { stack: Stack; seconds: number; jobs: number; record?: true }) => {
    const { stack, seconds, jobs } = options;
    const figures = await benchMemory(options, say);
    process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
    const command = `pnpm bench memory --stack ${stack} --seconds ${seconds} --jobs ${jobs}`;
    if (options.record) await record(`memory-${stack}`, command, figures);
  });

program
  .command('leak')
  .description(
    'memory, handles and connections of the services over many small jobs, with an ffmpeg that replays',
  )
  .option('--jobs <count>', 'jobs, four at a time', Number, 500)
  .option(
    '--planted-kib <count>',
    'leaks so much for each job on purpose: the verdict must say so',
    Number,
    0,
  )
  .option(
    '--snapshots <folder>',
    'heap snapshots of a fifth of the jobs and of the end: to find what is kept',
  )
  .option('--record', 'keeps the figures as load/results/leak.json')
  .action(async (options: { jobs: number; plantedKib: number; snapshots?: string; record?: true }) => {
    const { jobs, plantedKib: planted_kib, snapshots } = options;
    const figures = await benchLeak({ jobs, planted_kib, snapshots }, say);
    process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
    if (options.record) await record('leak', `pnpm bench leak --jobs ${jobs}`, figures);
    if (!figures.flat) process.exitCode = 1;
  });

await program.parseAsync();
