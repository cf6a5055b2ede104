import { execa } from 'execa';
import { chunksOf } from './chunks-of.ts';
import { LogTail } from './log-tail.ts';
import { lowerPriority } from './lower-priority.ts';
import type { MediaTools } from './media-tools.ts';
import { watchMemory } from './memory-watch.ts';
import { standstill } from './pipe-ffmpeg.ts';
import { STALL_MS, watchStall } from './stall-watch.ts';
import { KILL_AFTER_MS } from './term-then-kill.ts';

/** ffprobe could not read its input; `log` is the end of what it said. */
export class ProbeError extends Error {
  override name = 'ProbeError';
  readonly log: string;
  constructor(log: string) {
    super(`ffprobe failed: ${log.split('\n').at(-1) ?? ''}`);
    this.log = log;
  }
}

export interface ProbeOptions {
  signal: AbortSignal;
  stdin?: AsyncIterable<Uint8Array>;
  /** Without any sign of life for this long it is ended. Default 120 000. */
  stall_ms?: number;
}

/** Runs ffprobe and answers its JSON, still to be checked. @throws {ProbeError} */
export async function probeJson(
  tools: MediaTools,
  args: readonly string[],
  options: ProbeOptions,
): Promise<unknown> {
  let text = '';
  for await (const line of probeLines(tools, ['-of', 'json', ...args], options)) text += line;
  return JSON.parse(text);
}

/**
 * Runs ffprobe and answers its output line by line, however long, in little memory. `log` (when given) receives
 * what it complained about.
 * @throws {ProbeError} when it exits with an error @throws {TaskError} `ffmpeg_stalled`, `out_of_memory`
 */
export async function* probeLines(
  tools: MediaTools,
  args: readonly string[],
  { signal, stdin, stall_ms = STALL_MS }: ProbeOptions,
  log = new LogTail(),
): AsyncGenerator<string> {
  signal.throwIfAborted();
  const child = execa(tools.ffprobe, ['-hide_banner', '-v', 'error', ...args], {
    cancelSignal: signal,
    forceKillAfterDelay: KILL_AFTER_MS,
    stdin: stdin ? chunksOf(stdin) : 'ignore',
    buffer: false,
    // The packaged ffprobe is linked statically, and would load this system's charset converters into another libc:
    // it crashes on any MPEG-TS file (tried). Without them, service names in odd charsets stay as they are.
    env: { GCONV_PATH: '/nonexistent' },
    reject: false,
  });
  lowerPriority(child.pid);
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => log.add(chunk));
  let stalled = false;
  let isRead = true;
  const onStall = () => {
    stalled = true;
    child.kill('SIGKILL');
  };
  const watch = child.pid === undefined ? undefined : watchStall(child.pid, stall_ms, onStall, () => !isRead);
  const memory = watchMemory(child, tools.memory_bytes);
  try {
    for await (const line of child.iterable()) {
      watch?.alive();
      isRead = false;
      yield line;
      isRead = true;
    }
    await child;
  } finally {
    watch?.close();
    memory.close();
  }
  const result = await child;
  signal.throwIfAborted();
  if (stalled) throw standstill(log.toString(), ['ffprobe', ...args], stall_ms);
  memory.assertKept(['ffprobe', ...args]);
  // It crashed or never ran: that says nothing about the file which another attempt might not contradict.
  if (result.failed && result.exitCode === undefined) throw new Error(result.shortMessage);
  if (result.failed) throw new ProbeError(log.toString() || (result.shortMessage ?? ''));
}
