import { open } from 'node:fs/promises';
import { basename } from 'node:path';

/** `ggml`, as a little-endian number. */
const MAGIC = 0x67676d6c;
/** Multilingual models have one token more than English ones, and large-v3 another. */
const MULTILINGUAL_FROM = 51_865;

/**
 * Reads the head of a ggml model: the magic, then how many tokens it knows, by which whisper.cpp itself tells the two
 * kinds apart (`is_multilingual`).
 * @throws {Error} saying what is wrong with the file
 */
export async function readWhisperModel(path: string): Promise<{ name: string; multilingual: boolean }> {
  const head = Buffer.alloc(8);
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`cannot be read (${cause.code})`, { cause });
  });
  try {
    await file.read(head, 0, head.length, 0).catch((cause: NodeJS.ErrnoException) => {
      throw new Error(`cannot be read (${cause.code})`, { cause });
    });
  } finally {
    await file.close();
  }
  if (head.readUInt32LE(0) !== MAGIC) throw new Error('is not a ggml model of whisper.cpp');
  return { name: nameOf(path), multilingual: head.readInt32LE(4) >= MULTILINGUAL_FROM };
}

/** `…/ggml-base-q5_0.bin` → `whisper-base-q5_0`. */
const nameOf = (path: string): string =>
  `whisper-${basename(path)
    .replace(/\.\w+$/, '')
    .replace(/^(ggml|whisper)-/, '')}`;
