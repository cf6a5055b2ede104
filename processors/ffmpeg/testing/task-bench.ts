import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectRef } from '@transcodeflow/shared/contracts/object-ref.ts';
import { openSafeFetch } from '@transcodeflow/shared/net/safe-fetch.ts';
import { LOOPBACK } from '@transcodeflow/shared/net/testing/web-server.ts';
import { openDirectoryStore } from '@transcodeflow/shared/objects/directory-store.ts';
import type { ObjectStore } from '@transcodeflow/shared/objects/object-store.ts';
import { silentLogger } from '@transcodeflow/shared/telemetry/logger.ts';
import { execa } from 'execa';
import type { ProgressUpdate } from '../../progress-update.ts';
import type { TaskContext } from '../../tasks/task-handler.ts';
import { findMediaTools } from '../find-media-tools.ts';
import type { MediaTools } from '../media-tools.ts';

/** A real object store, a real ffmpeg and a temp folder to run task handlers in. */
export interface TaskBench {
  folder: string;
  tools: MediaTools;
  objects: ObjectStore;
  /** Makes a file in the folder with ffmpeg; the arguments come before the name. */
  make(name: string, ...args: string[]): Promise<string>;
  /** Stores a file as an upload. */
  upload(path: string): Promise<ObjectRef>;
  /** A fresh attempt; what it reported can be read back. */
  attempt(signal?: AbortSignal): Promise<Attempt>;
  close(): Promise<void>;
}

export interface Attempt extends TaskContext {
  updates: ProgressUpdate[];
  commands: (readonly string[])[];
  degradations: { from: string; to: string; reason: string }[];
}

export async function openTaskBench(): Promise<TaskBench> {
  const folder = await mkdtemp(join(tmpdir(), 'task-bench-'));
  const tools = await findMediaTools();
  const objects = await openDirectoryStore(join(folder, 'objects'));
  const web = openSafeFetch({ allow: LOOPBACK });
  let uploads = 0;
  let attempts = 0;
  return {
    folder,
    tools,
    objects,
    async make(name, ...args) {
      await execa(tools.ffmpeg, ['-nostdin', '-v', 'error', '-y', ...args, name], { cwd: folder });
      return join(folder, name);
    },
    async upload(path) {
      uploads += 1;
      // A copy: the store may take the file by hard link.
      const copy = join(folder, `upload-${uploads}`);
      await copyFile(path, copy);
      const { key, contentType } = await objects.putFile(`uploads/${uploads}`, copy);
      return { key, size_bytes: (await stat(path)).size, content_type: contentType };
    },
    async attempt(signal = AbortSignal.timeout(100_000)) {
      attempts += 1;
      const workFolder = join(folder, `work-${attempts}`);
      await mkdir(workFolder);
      const recorded: Pick<Attempt, 'updates' | 'commands' | 'degradations'> = {
        updates: [],
        commands: [],
        degradations: [],
      };
      return {
        ...recorded,
        objects,
        web,
        prefix: `jobs/a/attempt-${attempts}/`,
        workFolder,
        signal,
        tools,
        log: silentLogger,
        progress: (update) => recorded.updates.push(update),
        ran: (command) => recorded.commands.push(command),
        degraded: (from, to, reason) => recorded.degradations.push({ from, to, reason }),
      };
    },
    async close() {
      await web.close();
      await objects.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
