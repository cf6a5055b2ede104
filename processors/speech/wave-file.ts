import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { SAMPLE_RATE } from './speech-engine.ts';
import type { Part } from './voiced-parts.ts';

const FLOAT = Float32Array.BYTES_PER_ELEMENT;
const SHORT = Int16Array.BYTES_PER_ELEMENT;

/**
 * Writes parts of a file of mono 32-bit floats at 16 kHz, one after the other, as a WAV file with 16-bit samples: what
 * every version of whisper.cpp reads.
 */
export async function writeWave(
  pcm: string,
  parts: readonly Part[],
  wave: string,
  signal: AbortSignal,
): Promise<void> {
  const ranges = parts.map(({ start, end }) => [
    Math.round(start * SAMPLE_RATE),
    Math.round(end * SAMPLE_RATE),
  ]);
  const samples = ranges.reduce((sum, [from = 0, to = 0]) => sum + to - from, 0);
  async function* content() {
    yield header(samples * SHORT);
    for (const [from = 0, to = 0] of ranges) {
      if (to > from) yield* shorts(createReadStream(pcm, { start: from * FLOAT, end: to * FLOAT - 1 }));
    }
  }
  await pipeline(content, createWriteStream(wave), { signal });
}

async function* shorts(floats: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of floats) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const count = Math.floor(bytes.length / FLOAT);
    const out = Buffer.alloc(count * SHORT);
    for (let index = 0; index < count; index++) {
      const sample = Math.max(-1, Math.min(1, bytes.readFloatLE(index * FLOAT)));
      out.writeInt16LE(Math.round(sample * 32_767), index * SHORT);
    }
    yield out;
    rest = bytes.subarray(count * FLOAT);
  }
}

/** RIFF, one `fmt ` chunk of PCM, and the head of `data`. */
function header(bytes: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + bytes, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(SAMPLE_RATE, 24);
  head.writeUInt32LE(SAMPLE_RATE * SHORT, 28);
  head.writeUInt16LE(SHORT, 32);
  head.writeUInt16LE(SHORT * 8, 34);
  head.write('data', 36);
  head.writeUInt32LE(bytes, 40);
  return head;
}
