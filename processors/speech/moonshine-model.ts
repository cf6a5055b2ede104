import { fileURLToPath } from 'node:url';
import llamaTokenizer from 'llama-tokenizer-js';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { SAMPLE_RATE } from './speech-engine.ts';

const LAYERS = 6;
const HEADS = 8;
const HEAD_SIZE = 36;
const START_TOKEN = 1;
const END_TOKEN = 2;
/** Nobody speaks faster; the model's authors cap at the same rate against endless repetition. */
const TOKENS_PER_SECOND = 6.5;

interface Decoded {
  text: string;
  /** Text tokens without start and end. */
  tokens: number;
  /** Sum of the tokens' natural-log probabilities, the end token's included. */
  log_probability: number;
}

type Tensors = Record<string, Tensor>;

/** Moonshine-tiny, quantized: English speech to text, greedily decoded with the key-value cache. */
export class MoonshineModel {
  readonly #encoder: InferenceSession;
  readonly #decoder: InferenceSession;

  private constructor(encoder: InferenceSession, decoder: InferenceSession) {
    this.#encoder = encoder;
    this.#decoder = decoder;
  }

  static async open(options: InferenceSession.SessionOptions): Promise<MoonshineModel> {
    const folder = new URL('./model/tiny/quantized/', import.meta.resolve('@moonshine-ai/moonshine-js'));
    const load = (file: string) => InferenceSession.create(fileURLToPath(new URL(file, folder)), options);
    const encoder = await load('encoder_model.onnx');
    return new MoonshineModel(encoder, await load('decoder_model_merged.onnx'));
  }

  /** @param samples mono at 16 kHz, about 0.1 to 15 seconds. */
  async transcribe(samples: Float32Array): Promise<Decoded> {
    const encoded = await this.#encoder.run({
      input_values: new Tensor('float32', samples, [1, samples.length]),
    });
    const hidden = required(encoded, 'last_hidden_state');
    const limit = Math.ceil((samples.length / SAMPLE_RATE) * TOKENS_PER_SECOND);
    const tokens: number[] = [];
    let cache = emptyCache();
    let next = START_TOKEN;
    let logProbability = 0;
    for (let step = 0; step < limit; step++) {
      const outputs = await this.#decoder.run({
        ...cache,
        input_ids: new Tensor('int64', BigInt64Array.of(BigInt(next)), [1, 1]),
        encoder_hidden_states: hidden,
        use_cache_branch: new Tensor('bool', [step > 0], [1]),
      });
      const choice = mostProbable(required(outputs, 'logits'));
      logProbability += choice.log_probability;
      if (choice.token === END_TOKEN) break;
      tokens.push(choice.token);
      next = choice.token;
      cache = nextCache(cache, outputs, step);
    }
    return {
      text: llamaTokenizer.decode(tokens, false, true).trim(),
      tokens: tokens.length,
      log_probability: logProbability,
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#encoder.release(), this.#decoder.release()]);
  }
}

const cacheNames = Array.from({ length: LAYERS }, (_, layer) =>
  ['decoder', 'encoder'].flatMap((part) => ['key', 'value'].map((kind) => `${layer}.${part}.${kind}`)),
).flat();

const emptyCache = (): Tensors =>
  Object.fromEntries(
    cacheNames.map((name) => [
      `past_key_values.${name}`,
      new Tensor('float32', new Float32Array(0), [0, HEADS, 1, HEAD_SIZE]),
    ]),
  );

/** The encoder's half of the cache is made by the first step and stays the same after it. */
const nextCache = (cache: Tensors, outputs: InferenceSession.ReturnType, step: number): Tensors => {
  const fresh = cacheNames.filter((name) => step === 0 || name.includes('.decoder.'));
  return {
    ...cache,
    ...Object.fromEntries(
      fresh.map((name) => [`past_key_values.${name}`, required(outputs, `present.${name}`)]),
    ),
  };
};

const required = (outputs: InferenceSession.ReturnType, name: string): Tensor => {
  const value = outputs[name];
  if (!(value instanceof Tensor)) throw new Error(`The speech model's output ${name} is missing`);
  return value;
};

/** The best token and its log-softmax. */
const mostProbable = (logits: Tensor): { token: number; log_probability: number } => {
  const { data } = logits;
  if (!(data instanceof Float32Array)) throw new Error('The speech model answered in an unknown form');
  let token = 0;
  let best = Number.NEGATIVE_INFINITY;
  for (const [index, value] of data.entries()) {
    if (value > best) {
      best = value;
      token = index;
    }
  }
  let sum = 0;
  for (const value of data) sum += Math.exp(value - best);
  return { token, log_probability: -Math.log(sum) };
};
