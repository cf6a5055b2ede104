import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { endWithParent } from '../ffmpeg/end-with-parent.ts';
import { LogTail } from '../ffmpeg/log-tail.ts';
import { lowerPriority } from '../ffmpeg/lower-priority.ts';
import { watchMemory } from '../ffmpeg/memory-watch.ts';
import { KILL_AFTER_MS } from '../ffmpeg/term-then-kill.ts';
import { TaskError } from '../task-error.ts';
import { SpeechLanguageError } from './speech-engine.ts';
import { WhisperOutput } from './whisper-output.ts';
import type { WhisperProgram } from './whisper-program.ts';

interface WhisperRun {
  signal: AbortSignal;
  /** Empty but for the sound; its answer is written there. */
  workFolder: string;
  /** As whisper calls it; `auto`: it finds out. */
  language: string;
  threads?: number | undefined;
  memory_bytes?: number | undefined;
  ran?: ((command: readonly string[]) => void) | undefined;
  /** 0 to 1, in steps of 5 %. */
  onFraction(fraction: number): void;
}

/**
 * Runs whisper-cli over a WAV file. Success is an answer that can be read: it exits with 0 on arguments, languages and sound
 * that it does not understand too. Not watched for standstills: between two steps of progress a large model is
 * silent for minutes; the task's time limit ends it.
 * @throws {SpeechLanguageError} @throws {TaskError} `out_of_memory`, `transcription_failed`
 */
export async function runWhisper(
  program: WhisperProgram,
  wave: string,
  { signal, workFolder, language, threads, memory_bytes, ran, onFraction }: WhisperRun,
): Promise<WhisperOutput> {
  signal.throwIfAborted();
  const answer = join(workFolder, 'whisper');
  const args = [
    ...['-m', program.model, '-f', wave, '-l', language, '-oj', '-of', answer, '-pp'],
    ...(threads === undefined ? [] : ['-t', String(threads)]),
  ];
  ran?.([program.path, ...args]);
  const child = execa(program.path, args, {
    cancelSignal: signal,
    forceKillAfterDelay: KILL_AFTER_MS,
    stdin: 'ignore',
    // The words as they come; all of them are in its answer.
    stdout: 'ignore',
    buffer: false,
    reject: false,
  });
  const endWatch = child.pid === undefined ? undefined : endWithParent(child.pid);
  lowerPriority(child.pid);
  const memory = watchMemory(child, memory_bytes);
  const log = new LogTail();
  try {
    for await (const line of child.iterable({ from: 'stderr' })) {
      const percent = /progress\s*=\s*(\d+)%/.exec(line)?.[1];
      if (percent === undefined) log.add(`${line}\n`);
      else onFraction(Math.min(1, Number(percent) / 100));
    }
  } catch {
    // How it ended is told below.
  }
  const result = await child.finally(() => {
    memory.close();
    endWatch?.();
  });
  signal.throwIfAborted();
  memory.assertKept(['whisper-cli', ...args]);
  const unknown = /unknown language '[^']*'/.exec(log.toString())?.[0];
  if (unknown) throw new SpeechLanguageError(unknown);
  const how = result.failed ? (result.shortMessage ?? '') : 'no answer';
  if (result.failed) throw failure(`${how}\n${log}`);
  const text = await readFile(`${answer}.json`, 'utf8').catch(() => undefined);
  if (text === undefined) throw failure(`${how}\n${log}`);
  return parse(text);
}

function parse(text: string): WhisperOutput {
  try {
    return WhisperOutput.parse(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw failure(`its answer is in an unknown form: ${why}\n${text.slice(0, 500)}`, cause);
  }
}

const failure = (detail: string, cause?: unknown): TaskError =>
  new TaskError(
    {
      code: 'transcription_failed',
      message: 'The speech in the video could not be transcribed.',
      detail: `whisper.cpp: ${detail}`,
      retryable: true,
    },
    { cause },
  );
