import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LogTail } from '../ffmpeg/log-tail.ts';
import { lowerPriority } from '../ffmpeg/lower-priority.ts';
import { watchMemory } from '../ffmpeg/memory-watch.ts';
import { MoonshineMessage } from './moonshine-messages.ts';
import { SpeechEngineMissingError, type TranscribeOptions, type Utterance } from './speech-engine.ts';

/** What was said, or only when there is a voice: utterances without text. */
type Task = 'words' | 'voices';

/**
 * Has the process of the embedded models hear a recording to its end. It is killed when the work is aborted or left or
 * takes more memory than it may, and ends by itself when this process dies.
 */
export async function* listenInProcess(
  script: URL,
  task: Task,
  pcm: Readable,
  { signal, onProgress, memory_bytes }: TranscribeOptions,
): AsyncGenerator<Utterance, void, undefined> {
  signal.throwIfAborted();
  const child = fork(script, [task], { stdio: ['pipe', 'ignore', 'pipe', 'ipc'], execArgv: [] });
  const exited = once(child, 'exit').catch(() => undefined);
  // An abort must not wait until the caller asks for the next utterance.
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  lowerPriority(child.pid);
  const memory = watchMemory(child, memory_bytes);
  const log = new LogTail();
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => log.add(chunk));
  // Either side may end first; what that means is seen from the messages and by the owner of `pcm`.
  if (child.stdin) pipeline(pcm, child.stdin).catch(() => undefined);
  let finished = false;
  try {
    for await (const [data] of on(child, 'message', { signal, close: ['disconnect', 'exit'] })) {
      const message = MoonshineMessage.parse(data);
      if (message.type === 'utterance') yield message.utterance;
      else if (message.type === 'progress') onProgress?.(message.processed_s);
      else if (message.type === 'missing') throw new SpeechEngineMissingError(firstLine(message.message));
      else if (message.type === 'failed') throw new Error(`The speech engine failed: ${message.message}`);
      else finished = true;
    }
    if (!finished) {
      await exited;
      memory.assertKept(['moonshine']);
      throw new Error(`The speech engine ended early (${child.signalCode ?? child.exitCode}): ${log}`);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
    memory.close();
    if (!finished) child.kill('SIGKILL');
    await exited;
  }
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';
