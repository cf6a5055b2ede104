import { access, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigurationError, readEnvironment } from '@transcodeflow/shared/config/read-environment.ts';
import { createLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { Command } from 'commander';
import { bootstrapKey } from './bootstrap-key.ts';
import { runningServer } from './server-file.ts';
import { standaloneSettings } from './settings.ts';
import { startSystem } from './system.ts';
import { createClient, RefusedError } from './transcode/client.ts';
import { outputsTable } from './transcode/outputs-table.ts';
import { createProgressBars } from './transcode/progress-bars.ts';
import { followJob } from './transcode/run-job.ts';
import { saveOutputs } from './transcode/save-outputs.ts';

interface Options {
  output: string;
  language?: string;
  thumbnail?: string;
  priority: string;
  profile: string;
}

// pnpm runs scripts in the project's folder and names the caller's here.
const callersFolder = process.env.INIT_CWD ?? process.cwd();

const program = new Command('transcode')
  .description(
    'Runs a video through TranscodeFlow and saves the package: renditions, HLS, audio, transcript, thumbnails.',
  )
  .argument('<video>', 'the video file')
  .option('-o, --output <folder>', 'where the package goes, in a folder named after the job', './output')
  .option(
    '-l, --language <code>',
    'language spoken in the video (ISO 639-1, such as en); default: as tagged or detected',
  )
  .option('-t, --thumbnail <image>', 'use this image instead of a frame of the video')
  .option('-p, --priority <class>', 'high, normal or low', 'normal')
  .option('--profile <name>', 'what to produce', 'default')
  .showHelpAfterError()
  .action(async (video: string, options: Options) => {
    process.exitCode = await transcode(resolve(callersFolder, video), options);
  });

/** @returns the exit code: 0 completed, 1 failed or refused, 130 cancelled */
async function transcode(video: string, options: Options): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = () => {
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
    process.stderr.write('\nCancelling; press Ctrl-C again to leave at once.\n');
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  await access(video).catch(() => {
    throw new RefusedError(`There is no file ${video}`);
  });
  const thumbnail = options.thumbnail ? resolve(callersFolder, options.thumbnail) : undefined;
  const { url, key, close } = await connect();
  try {
    if (interrupted.signal.aborted) return 130;
    const client = createClient(url, key);
    const { language, priority, profile } = options;
    const jobId = await client.upload(video, {
      ...(thumbnail ? { thumbnail } : {}),
      options: { language, priority, profile },
    });
    process.stdout.write(`Job ${jobId}\n`);
    const bars = createProgressBars(process.stdout);
    const job = await followJob(client, jobId, bars.show, interrupted.signal);
    bars.stop();
    if (job.status === 'cancelled') {
      process.stderr.write('The job was cancelled.\n');
      return 130;
    }
    if (job.status !== 'completed') {
      process.stderr.write(`The job failed: ${job.error?.message ?? 'no reason was given'}\n`);
      return 1;
    }
    const folder = join(resolve(callersFolder, options.output), jobId);
    await mkdir(folder, { recursive: true });
    await saveOutputs(client, job, folder);
    process.stdout.write(`${outputsTable(job, folder)}\n`);
    return 0;
  } finally {
    await close();
  }
}

/** The server that already runs on the data folder, else an embedded system of this command's own. */
async function connect(): Promise<{ url: string; key: string; close(): Promise<void> }> {
  const settings = readEnvironment(standaloneSettings);
  const dataFolder = resolve(settings.DATA_DIR);
  const running = await runningServer(dataFolder);
  if (running) {
    process.stdout.write(`Using the server at ${running}\n`);
    return {
      url: running,
      key: (await bootstrapKey(dataFolder, settings.BOOTSTRAP_API_KEY)).key,
      close: async () => {},
    };
  }
  const log = createLogger('transcode', process.env.LOG_LEVEL ? settings.LOG_LEVEL : 'error');
  const system = await startSystem({ ...settings, PORT: 0, HOST: '127.0.0.1' }, log);
  process.stdout.write(
    `Started the embedded system (ffmpeg ${system.tools.version}, ${system.tools.origin})\n`,
  );
  return { url: system.url, key: system.apiKey.key, close: system.close };
}

try {
  // `pnpm transcode -- <video>` hands the dashes on.
  await program.parseAsync(process.argv.filter((argument, index) => !(index === 2 && argument === '--')));
} catch (error) {
  const isExpected = error instanceof RefusedError || error instanceof ConfigurationError;
  process.stderr.write(
    `${isExpected ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}
process.exit();
