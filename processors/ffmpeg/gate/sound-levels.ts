import type { MediaTools } from '../media-tools.ts';
import { pipeFfmpeg } from '../pipe-ffmpeg.ts';

/** 8 kHz holds speech and the beats of music; a bin of 40 samples is 5 ms. */
const RATE = 8000;
const BIN = 40;
export const BIN_S = BIN / RATE;
/** What digital silence counts as, in dBFS. */
const FLOOR_DB = -100;

export interface SoundLevels {
  /** RMS of every 5 ms in dBFS. */
  bins: Float32Array;
  length_s: number;
  /** What the decoder complained about. */
  complaints: string | undefined;
}

/**
 * Decodes one sound stream from end to end and keeps how loud it is: 800 bytes a second. Costs one CPU-second for about
 * six minutes of sound.
 * @param input ffmpeg's input options @param filters e.g. those that the encode had
 */
export async function measureLevels(
  tools: MediaTools,
  input: readonly string[],
  stream: string,
  filters: readonly string[],
  options: { signal: AbortSignal; stall_ms?: number },
): Promise<SoundLevels> {
  const chain = [...filters, 'aformat=channel_layouts=mono'].join(',');
  // biome-ignore format: an option and its value belong on one line
  const args = [
    ...input, '-map', stream, '-af', chain, '-ar', String(RATE), '-f', 's16le', 'pipe:1',
  ];
  const run = pipeFfmpeg(tools, args, options);
  const meter = new Meter();
  for await (const chunk of run.output) meter.add(chunk);
  const { failed, log } = await run.ended;
  const complaints = log || (failed ? 'ffmpeg failed' : undefined);
  return { bins: meter.bins(), length_s: meter.samples / RATE, complaints };
}

/** Sums up 16-bit samples that come in chunks of any length. */
class Meter {
  samples = 0;
  #bins = new Float32Array(1 << 12);
  #energy = 0;
  #half: number | undefined;

  add(chunk: Uint8Array): void {
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index] ?? 0;
      if (this.#half === undefined) {
        this.#half = byte;
        continue;
      }
      const sample = ((this.#half | (byte << 8)) << 16) >> 16;
      this.#half = undefined;
      this.#energy += sample * sample;
      this.samples += 1;
      if (this.samples % BIN === 0) this.#close();
    }
  }

  bins(): Float32Array {
    return this.#bins.subarray(0, Math.floor(this.samples / BIN));
  }

  #close(): void {
    const index = this.samples / BIN - 1;
    if (index >= this.#bins.length) {
      const larger = new Float32Array(this.#bins.length * 2);
      larger.set(this.#bins);
      this.#bins = larger;
    }
    const rms = Math.sqrt(this.#energy / BIN) / 32_768;
    this.#bins[index] = Math.max(FLOOR_DB, 20 * Math.log10(rms));
    this.#energy = 0;
  }
}
