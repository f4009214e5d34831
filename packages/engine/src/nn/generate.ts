/**
 * Tokens from a decoder, one after the other, as they are made.
 *
 * @module
 */
import type { Chip } from '../chips/chip.ts';
import { KolbenError } from '../error.ts';
import type { TensorData } from '../graph/dtype.ts';
import { randomStream, uniform } from '../run/random.ts';
import type { Parameters } from '../run/run-state.ts';
import type { DecoderShape } from './decoder.ts';
import { decoderStepProgram } from './decoder-step.ts';

/** What cannot be generated from. */
export class GenerateError extends KolbenError {}

export interface GenerateOptions {
  /** One token or more. */
  readonly prompt: readonly number[];
  /** Tokens to make at most; the model's positions are the limit in any case. */
  readonly tokens: number;
  /** 0 takes the likeliest token; above, logits are divided by it and a token is drawn. Default 0. */
  readonly temperature?: number;
  /** Draws among so many of the likeliest tokens only. */
  readonly topK?: number;
  /** Draws among the likeliest tokens that together have this share, in (0, 1]. */
  readonly topP?: number;
  /** Of what is drawn. Default 0. */
  readonly seed?: number;
  /** Tokens that end the sequence; they are not given out. */
  readonly stop?: readonly number[];
  readonly signal?: AbortSignal;
}

export interface Decoder {
  /** Yields one token after the other. Several sequences may be under way at once. */
  generate(options: GenerateOptions): AsyncGenerator<number, void, void>;
  /** The logits of each position of a sequence: (tokens, vocabulary). */
  logits(tokens: readonly number[]): Promise<TensorData>;
  release(): Promise<void>;
}

/** Makes a decoder ready to answer on `chip`. `parameters` are those of `decoderLoss`, in one head part. */
export async function loadDecoder(chip: Chip, shape: DecoderShape, parameters: Parameters): Promise<Decoder> {
  const { layers, keyValueHeads, width, heads, vocabulary, positions } = shape;
  const program = await chip.load(decoderStepProgram(shape, parameters).onnx);
  const nothing = { data: new Float32Array(0), dims: [1, keyValueHeads, 0, width / heads] };
  const caches = Array.from({ length: layers }, (_, layer) => [`key${layer}`, `value${layer}`]).flat();

  const begin = () => {
    let kept: Record<string, TensorData> = Object.fromEntries(caches.map((name) => [name, nothing]));
    let read = 0;
    return async (tokens: readonly number[]): Promise<TensorData> => {
      const integers = (numbers: readonly number[]) => ({
        data: BigInt64Array.from(numbers, BigInt),
        dims: [1, numbers.length],
      });
      const { logits, ...next } = await program.run({
        tokens: integers(tokens),
        positions: integers(tokens.map((_, i) => read + i)),
        pastPositions: integers(Array.from({ length: read }, (_, i) => i)),
        ...kept,
      });
      kept = Object.fromEntries(caches.map((name) => [name, next[`${name}.next`]]));
      read += tokens.length;
      return logits;
    };
  };

  return {
    async *generate(options) {
      const { prompt, tokens, seed = 0, stop = [], signal } = options;
      checkTokens(prompt, shape);
      checkDrawing(options);
      const next = begin();
      const draw = randomStream(seed, 'generate');
      let fresh: readonly number[] = prompt;
      for (let made = 0; made < tokens && prompt.length + made <= positions; made++) {
        signal?.throwIfAborted();
        const { data } = await next(fresh);
        const token = choose((data as Float32Array).subarray(-vocabulary), options, draw);
        if (stop.includes(token)) return;
        yield token;
        fresh = [token];
      }
    },
    async logits(tokens) {
      checkTokens(tokens, shape);
      return begin()(tokens);
    },
    release: () => program.release(),
  };
}

function checkTokens(tokens: readonly number[], { vocabulary, positions }: DecoderShape): void {
  if (tokens.length === 0)
    throw new GenerateError('generate_prompt', 'The prompt has no token; give one or more.');
  if (tokens.length > positions)
    throw new GenerateError(
      'generate_length',
      `The prompt has ${tokens.length} tokens; the model has ${positions} positions.`,
    );
  const wrong = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabulary);
  if (wrong !== undefined)
    throw new GenerateError('generate_token', `${wrong} is no token: they run from 0 to ${vocabulary - 1}.`);
}

function checkDrawing({ temperature = 0, topK = 1, topP = 1 }: GenerateOptions): void {
  const refuse = (sentence: string): never => {
    throw new GenerateError('generate_option', sentence);
  };
  if (!(temperature >= 0 && Number.isFinite(temperature)))
    refuse(`The temperature is ${temperature}; it must be 0 or more.`);
  if (!(Number.isInteger(topK) && topK >= 1))
    refuse(`topK is ${topK}; it must be a whole number of 1 or more.`);
  if (!(topP > 0 && topP <= 1)) refuse(`topP is ${topP}; it must lie above 0 and not above 1.`);
}

/** The next token by its logits; of equal ones, the first. */
export function choose(
  logits: Float32Array,
  { temperature = 0, topK = logits.length, topP = 1 }: Pick<GenerateOptions, 'temperature' | 'topK' | 'topP'>,
  draw: () => number,
): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  if (temperature === 0) return best;
  const likeliest = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
  const candidates = likeliest.slice(0, topK);
  const weights = candidates.map((i) => Math.exp((logits[i] - logits[best]) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let kept = 0;
  let share = 0;
  while (kept < candidates.length && (kept === 0 || share < topP * total)) share += weights[kept++];
  let left = uniform(draw) * share;
  for (let i = 0; i < kept; i++) {
    left -= weights[i];
    if (left < 0) return candidates[i];
  }
  return candidates[kept - 1];
}
