import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { FRAME_SAMPLES } from './segmenter.ts';
import { SAMPLE_RATE } from './speech-engine.ts';

/** The network also wants the end of the frame before. */
const CONTEXT_SAMPLES = 64;
const STATE_SHAPE = [2, 1, 128] as const;
const STATE_SIZE = 256;

/** Silero VAD v5: how probable a voice is, frame after frame of one recording. */
export class VoiceActivity {
  readonly #session: InferenceSession;
  readonly #rate = new Tensor('int64', BigInt64Array.of(BigInt(SAMPLE_RATE)), []);
  #state = new Tensor('float32', new Float32Array(STATE_SIZE), STATE_SHAPE);
  #context = new Float32Array(CONTEXT_SAMPLES);

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  static async open(options: InferenceSession.SessionOptions): Promise<VoiceActivity> {
    const model = new URL('./silero_vad_v5.onnx', import.meta.resolve('@ricky0123/vad-web'));
    return new VoiceActivity(await InferenceSession.create(fileURLToPath(model), options));
  }

  /** @param frame 512 samples that follow those of the last call. @returns 0 to 1. */
  async probability(frame: Float32Array): Promise<number> {
    const input = new Float32Array(CONTEXT_SAMPLES + FRAME_SAMPLES);
    input.set(this.#context);
    input.set(frame, CONTEXT_SAMPLES);
    const { output, stateN } = await this.#session.run({
      input: new Tensor('float32', input, [1, input.length]),
      state: this.#state,
      sr: this.#rate,
    });
    if (!(output?.data instanceof Float32Array) || !(stateN?.data instanceof Float32Array)) {
      throw new Error('The voice activity model answered in an unknown form');
    }
    this.#state = new Tensor('float32', stateN.data, STATE_SHAPE);
    this.#context = frame.slice(-CONTEXT_SAMPLES);
    return output.data[0] ?? 0;
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
