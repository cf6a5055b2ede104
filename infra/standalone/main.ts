import { resolve } from 'node:path';
import { readEnvironment } from '@transcodeflow/shared/config/read-environment.ts';
import { runService } from '@transcodeflow/shared/config/run-service.ts';
import { writeServerFile } from './server-file.ts';
import { standaloneSettings } from './settings.ts';
import { startSystem } from './system.ts';

await runService('transcodeflow', async (log) => {
  const settings = readEnvironment(standaloneSettings);
  const system = await startSystem(settings, log);
  const { url, apiKey, tools } = system;
  const lines = [
    `TranscodeFlow is ready at ${url}`,
    apiKey.isNew
      ? `  first API key (shown once, kept in ${apiKey.file}): ${apiKey.key}`
      : `  API key: ${apiKey.file ? `see ${apiKey.file}` : 'BOOTSTRAP_API_KEY'}`,
    `  ffmpeg: ${tools.version} (${tools.origin})`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  const removeServerFile = await writeServerFile(resolve(settings.DATA_DIR), url);
  return {
    ...(system.lost ? { lost: system.lost } : {}),
    async close() {
      await removeServerFile();
      await system.close();
    },
  };
});
