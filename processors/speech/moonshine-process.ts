/**
 * The engine's own process: inference blocks its thread and takes 200 to 400 MB, and a crash of the native
 * library must not take a processor with it. Reads PCM on stdin, answers with `MoonshineMessage`s over IPC. With the argument
 * `voices` it only tells when somebody speaks: utterances without text, and without the language model.
 */
import type { Readable } from 'node:stream';
import type { InferenceSession } from 'onnxruntime-node';
import type { MoonshineMessage } from './moonshine-messages.ts';
import { FRAME_SAMPLES, type Piece, Segmenter } from './segmenter.ts';
import { SAMPLE_RATE } from './speech-engine.ts';

const FRAME_BYTES = FRAME_SAMPLES * Float32Array.BYTES_PER_ELEMENT;
/** Seconds of audio between two reports where nobody speaks. */
const REPORT_EVERY_S = 10;
/** One thread: 17 times faster than real time. A second one on 2 cores made it slower (1.4 s became 1.9 s). */
const SESSION: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
};

// The parent has died, was killed, or hung up on purpose.
process.on('disconnect', () => process.exit());
// Ctrl-C reaches the whole group; the parent decides what becomes of the work.
process.on('SIGINT', () => undefined);

const send = (message: MoonshineMessage): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(message, () => resolve());
  });

async function load() {
  const { VoiceActivity } = await import('./voice-activity.ts');
  const voice = await VoiceActivity.open(SESSION);
  if (process.argv[2] === 'voices')
    return { voice, hear: async () => ({ text: '', tokens: 0, log_probability: 0 }) };
  const { MoonshineModel } = await import('./moonshine-model.ts');
  const model = await MoonshineModel.open(SESSION);
  return { voice, hear: (samples: Float32Array) => model.transcribe(samples) };
}

/** Whole frames of the stream; the last one is filled up with silence. */
async function* frames(input: Readable): AsyncGenerator<Float32Array> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of input) {
    rest = Buffer.concat([rest, chunk]);
    let at = 0;
    for (; at + FRAME_BYTES <= rest.length; at += FRAME_BYTES)
      yield toFrame(rest.subarray(at, at + FRAME_BYTES));
    rest = rest.subarray(at);
  }
  if (rest.length > 0) yield toFrame(rest);
}

function toFrame(bytes: Buffer): Float32Array {
  const frame = new Float32Array(FRAME_SAMPLES);
  const count = Math.floor(bytes.length / Float32Array.BYTES_PER_ELEMENT);
  for (let index = 0; index < count; index++) {
    frame[index] = bytes.readFloatLE(index * Float32Array.BYTES_PER_ELEMENT);
  }
  return frame;
}

async function transcribe({ voice, hear }: Awaited<ReturnType<typeof load>>): Promise<void> {
  const segmenter = new Segmenter();
  const tell = async (piece: Piece | undefined) => {
    if (!piece) return;
    const { samples, ...times } = piece;
    await send({ type: 'utterance', utterance: { ...times, ...(await hear(samples)) } });
  };
  let count = 0;
  let reported = 0;
  for await (const frame of frames(process.stdin)) {
    const piece = segmenter.push(frame, await voice.probability(frame));
    await tell(piece);
    const processed = (++count * FRAME_SAMPLES) / SAMPLE_RATE;
    if (piece || processed - reported >= REPORT_EVERY_S) {
      reported = processed;
      await send({ type: 'progress', processed_s: processed });
    }
  }
  await tell(segmenter.flush());
}

const NOT_INSTALLED = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED', 'ENOENT']);

/** Not there or not for this machine, as opposed to a fault that may pass, such as too little memory. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && typeof error.code === 'string' && NOT_INSTALLED.has(error.code)) ||
    /File doesn't exist/i.test(error.message));

try {
  const engine = await load().catch(async (error: unknown) => {
    if (!isMissing(error)) throw error;
    await send({ type: 'missing', message: error instanceof Error ? error.message : String(error) });
    return undefined;
  });
  if (engine) {
    await transcribe(engine);
    await send({ type: 'done' });
  }
} catch (error) {
  await send({
    type: 'failed',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
} finally {
  process.disconnect?.();
}
