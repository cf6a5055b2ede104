import { findMediaTools } from '@transcodeflow/processors/ffmpeg/find-media-tools.ts';
import { hardwareMode } from '@transcodeflow/processors/hardware/hardware-mode.ts';
import { probeHardware } from '@transcodeflow/processors/hardware/probe.ts';
import { cacheFolder } from '@transcodeflow/processors/hardware/probe-cache.ts';
import { readEnvironment } from '@transcodeflow/shared/config/read-environment.ts';
import { planSettings } from '@transcodeflow/shared/config/settings.ts';
import { Command } from 'commander';
import { chunkChoice, encoderChoices, routeChoices } from './hardware/choices.ts';
import { hardwareText } from './hardware/table.ts';

const program = new Command('hardware')
  .description(
    'What accelerates ffmpeg on this machine: each candidate is tried by a tiny encode or decode. The results are kept ' +
      'for a day for the same ffmpeg and the same devices, below WORK_DIR or in ~/.cache/transcodeflow.',
  )
  .option('--json', 'as JSON')
  .option('--refresh', 'try everything anew, whatever is cached')
  .showHelpAfterError()
  .action(async ({ json, refresh = false }: { json?: true; refresh?: boolean }) => {
    const tools = await findMediaTools();
    const mode = hardwareMode();
    const cache = { folder: cacheFolder(), refresh };
    // Also where processors are told to use none, or to refuse to start: this only tells.
    const report = { ...(await probeHardware(tools, 'auto', { cache })), mode };
    const { ffmpeg, version, origin } = tools;
    const { CHUNK_SECONDS } = readEnvironment(planSettings);
    const chunks = chunkChoice(report, CHUNK_SECONDS);
    const chosen = {
      encoders: encoderChoices(report),
      routes: routeChoices(report),
      ...(chunks && { chunks }),
    };
    const text = json
      ? JSON.stringify({ ffmpeg: { path: ffmpeg, version, origin }, ...report, chosen }, null, 2)
      : hardwareText(tools, report, chosen);
    process.stdout.write(`${text}\n`);
  });

try {
  // `pnpm hardware -- --json` hands the dashes on.
  await program.parseAsync(process.argv.filter((argument, index) => !(index === 2 && argument === '--')));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
