import {
  openBusFromEnvironment,
  openObjectsFromEnvironment,
} from '@transcodeflow/shared/config/open-infrastructure.ts';
import { readEnvironment } from '@transcodeflow/shared/config/read-environment.ts';
import { runService } from '@transcodeflow/shared/config/run-service.ts';
import {
  httpSettings,
  kafkaSettings,
  objectSettings,
  outgoingSettings,
  processorSettings,
} from '@transcodeflow/shared/config/settings.ts';
import { serveHealth } from '@transcodeflow/shared/http/serve-health.ts';
import { startProcessor } from './start.ts';

await runService('processors', async (log) => {
  const settings = readEnvironment(
    kafkaSettings
      .extend(objectSettings.shape)
      .extend(processorSettings.shape)
      .extend(outgoingSettings.shape)
      .extend(httpSettings.shape),
  );
  const bus = await openBusFromEnvironment('processors', log);
  const objects = await openObjectsFromEnvironment();
  const processor = await startProcessor({
    bus,
    objects,
    log,
    slots: settings.PROCESSOR_SLOTS,
    threads: settings.FFMPEG_THREADS,
    memory_bytes: settings.FFMPEG_MEMORY_MB,
    objectCache_bytes: settings.OBJECT_CACHE_MB,
    hardwareSessions: settings.HARDWARE_SESSIONS,
    whisperPath: settings.WHISPER_PATH,
    whisperModel: settings.WHISPER_MODEL,
    timeFactor: settings.TASK_TIME_FACTOR,
    workFolder: settings.WORK_DIR,
    allowAddresses: settings.ALLOW_PRIVATE_ADDRESSES,
  });
  const server = await serveHealth(
    { bus: () => bus.ping(), objects: () => objects.ping() },
    settings.PORT,
    log,
  );
  return {
    async close() {
      await processor.close();
      await server.close();
      await bus.close();
      await objects.close();
    },
  };
});
