import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bus } from '@transcodeflow/shared/bus/bus.ts';
import { openSafeFetch } from '@transcodeflow/shared/net/safe-fetch.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import type { Logger } from '@transcodeflow/shared/telemetry/logger.ts';
import { findMediaTools } from './ffmpeg/find-media-tools.ts';
import type { MediaTools } from './ffmpeg/media-tools.ts';
import { openDeviceSessions } from './hardware/device-sessions.ts';
import { hardwareMode } from './hardware/hardware-mode.ts';
import { probeHardware } from './hardware/probe.ts';
import { cacheFolder } from './hardware/probe-cache.ts';
import { cacheObjects } from './objects/object-cache.ts';
import { findWhisper } from './speech/find-whisper.ts';
import { createReporter } from './worker/reporter.ts';
import { defaultSlots, memoryPerSlot, thisMachine, threadsPerSlot } from './worker/slot-share.ts';
import { createWorkRoot } from './worker/work-root.ts';
import { freeOn, openWorkSpace } from './worker/work-space.ts';
import { startWorker, type Worker } from './worker/worker.ts';

export interface ProcessorOptions {
  bus: Bus;
  objects: ObjectStore;
  log: Logger;
  /** Tasks at once. Default: half the processor's cores, at least two, so that a transcript runs beside an encode. */
  slots?: number | undefined;
  /** For each decoder, filter graph and software encoder of a slot's ffmpeg. Default: the cores, shared out among the slots. */
  threads?: number | undefined;
  /** Memory that a slot's ffmpeg may take; 0 for any. Default: its share of four fifths of the machine's, at least 2 GiB. */
  memory_bytes?: number | undefined;
  /** Encodes at once on each hardware device. Default: as many as its driver takes. */
  hardwareSessions?: number | undefined;
  /** `whisper-cli` of whisper.cpp and a model for it, both or none. */
  whisperPath?: string | undefined;
  whisperModel?: string | undefined;
  /** Times what tasks may take. Default 1; 0 for any time. */
  timeFactor?: number | undefined;
  /** Default: the system's folder for temporary files. */
  workFolder?: string | undefined;
  /** Most bytes of fetched objects to keep for later tasks; 0 for none. Default: a tenth of the room in the work folder. */
  objectCache_bytes?: number | undefined;
  /** Networks that sources by URL may be in although they are not public (ALLOW_PRIVATE_ADDRESSES). */
  allowAddresses?: readonly string[] | undefined;
}

export interface Processor extends Worker {
  tools: MediaTools;
}

/**
 * Finds ffmpeg and what accelerates it, then takes tasks.
 * @throws {Error} where no usable ffmpeg, or with `HARDWARE=required` no working hardware, is there, or whisper.cpp is set
 * and cannot be used
 */
export async function startProcessor({
  bus,
  objects,
  log,
  slots = defaultSlots(thisMachine()),
  threads = threadsPerSlot(thisMachine(), slots),
  memory_bytes = memoryPerSlot(thisMachine(), slots),
  hardwareSessions,
  whisperPath,
  whisperModel,
  timeFactor,
  workFolder,
  objectCache_bytes,
  allowAddresses,
}: ProcessorOptions): Promise<Processor> {
  const found = await findMediaTools();
  const whisper = await findWhisper(whisperPath, whisperModel);
  const hardware = await probeHardware(found, hardwareMode(), { cache: { folder: cacheFolder() } });
  const sessions = openDeviceSessions(hardwareSessions);
  const tools = {
    ...{ ...found, hardware, sessions, threads },
    ...(memory_bytes > 0 && { memory_bytes }),
    ...(whisper && { whisper }),
  };
  log.info(
    {
      ffmpeg: tools.ffmpeg,
      version: tools.version,
      origin: tools.origin,
      hardware: hardware.usable,
      hardware_tried: hardware.cached_from,
      threads,
      memory_bytes,
      speech: whisper && { engine: whisper.name, multilingual: whisper.multilingual },
    },
    'media tools',
  );
  for (const { candidate, reason } of hardware.rejected)
    log.info({ candidate, reason }, 'hardware that does not work');

  const workRoot = await createWorkRoot(workFolder);
  const mostKept = objectCache_bytes ?? (await freeOn(workRoot)) / 10;
  const cache = cacheObjects(objects, join(workRoot, 'objects'), mostKept);
  const web = openSafeFetch({ allow: allowAddresses });
  const workerId = `worker-${randomUUID().slice(0, 13)}`;
  const worker = await startWorker({
    bus,
    objects: cache.objects,
    web,
    tools,
    workerId,
    workRoot,
    log,
    reporter: createReporter(bus, workerId, log),
    slots,
    timeFactor,
    space: openWorkSpace(workRoot, { makeRoom: cache.clear }),
  });
  return {
    ...worker,
    tools,
    async close() {
      await worker.close();
      await web.close();
      await cache.clear();
      await rm(workRoot, { recursive: true, force: true });
    },
  };
}
