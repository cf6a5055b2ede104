import { readFile } from 'node:fs/promises';
import { TaskError } from '../task-error.ts';

/** A decoder fills some 3 GB/s at most: a limit is passed by less than a gigabyte. A look costs 30 µs. */
const LOOK_MS = 250;

export interface MemoryWatch {
  /**
   * @param command a tool's name and its arguments
   * @throws {TaskError} `out_of_memory`, where the child was killed for that
   */
  assertKept(command: readonly string[]): void;
  close(): void;
}

/**
 * Kills a child whose resident memory passes the limit. Watched and not set as a resource limit: RLIMIT_AS counts address
 * space, of which GPU drivers reserve hundreds of gigabytes, and cgroups need rights that containers do not give. Linux
 * only; elsewhere nothing is limited.
 * @param limit_bytes absent: any amount
 */
export function watchMemory(
  child: { pid?: number | undefined; kill(signal: 'SIGKILL'): unknown },
  limit_bytes: number | undefined,
): MemoryWatch {
  const { pid } = child;
  if (pid === undefined || limit_bytes === undefined) return { assertKept() {}, close() {} };
  let closed = false;
  let took: number | undefined;
  const close = () => {
    closed = true;
    clearInterval(timer);
  };
  const timer = setInterval(async () => {
    const bytes = await residentBytes(pid);
    if (closed || bytes <= limit_bytes) return;
    close();
    took = bytes;
    child.kill('SIGKILL');
  }, LOOK_MS);
  timer.unref();
  const assertKept = (command: readonly string[]) => {
    if (took !== undefined) throw outOfMemory(took, limit_bytes, command);
  };
  return { assertKept, close };
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024;
}

function outOfMemory(took: number, limit: number, command: readonly string[]): TaskError {
  const mebibytes = (bytes: number) => `${Math.round(bytes / 1_048_576)} MiB`;
  return new TaskError({
    code: 'out_of_memory',
    message: 'Processing the video takes more memory than it may.',
    detail: `${mebibytes(took)} in use, ${mebibytes(limit)} allowed (FFMPEG_MEMORY_MB)\n\n${command.join(' ')}`,
    retryable: false,
  });
}
