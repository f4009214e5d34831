/**
 * Tokens from a decoder, one after the other, as they are made.
 *
 * @module
 */
import type { Chip } from '../chips/chip.ts';
import type { TensorData } from '../graph/dtype.ts';
import { randomStream } from '../run/random.ts';
import type { Parameters } from '../run/run-state.ts';
import { type Choice, chooseToken } from './choose-token.ts';
import type { DecoderShape } from './decoder.ts';
import { decoderStepProgram } from './decoder-step.ts';
import type { KeptNumbers } from './fix-parameters.ts';
import { GenerateError } from './generate-error.ts';

/** What to go on from, how far, and how tokens are chosen. */
export interface GenerateOptions extends Choice {
  /** One token or more. */
  readonly prompt: readonly number[];
  /** Tokens to make at most; the model's positions are the limit in any case. */
  readonly tokens: number;
  /** Of what is drawn. Default 0. */
  readonly seed?: number;
  /** Tokens that end the sequence; they are not given out. */
  readonly stop?: readonly number[];
  readonly signal?: AbortSignal;
}

/** A decoder on a chip, ready to answer. */
export interface Decoder {
  /** Yields one token after the other. Several sequences may be under way at once. */
  generate(options: GenerateOptions): AsyncGenerator<number, void, void>;
  /** The logits of each position of a sequence: (tokens, vocabulary). */
  logits(tokens: readonly number[]): Promise<TensorData>;
  /** Begins so many sequences that are read side by side, 1 or more. Whoever begins them closes them. */
  begin(rows: number): Promise<Sequences>;
  /** Frees the model. Sequences under way fail. */
  release(): Promise<void>;
}

/** Sequences that are read side by side, with the keys and values of what has been read kept on the chip. */
export interface Sequences {
  /**
   * Reads the next tokens of each sequence, one or more, → the logits after the last of each: (rows, vocabulary).
   *
   * @throws GenerateError for what is no token, and for a sequence that grows beyond the model's positions
   */
  next(tokens: readonly (readonly number[])[]): Promise<TensorData>;
  /** Frees what the chip keeps of the sequences. */
  close(): Promise<void>;
}

/** Keys and values are kept for so many positions at least. */
const fewestSlots = 64;

/**
 * Makes a decoder ready to answer on `chip`. `parameters` are those of `decoderLoss`, in one head part.
 *
 * @throws GenerateError (`generate_parameters`) when one is missing or of another size.
 */
export async function loadDecoder(
  chip: Chip,
  shape: DecoderShape,
  parameters: Parameters,
  kept: KeptNumbers = {},
): Promise<Decoder> {
  const { onnx, replaced } = decoderStepProgram(shape, parameters, kept);
  const program = await chip.load(onnx);
  const integers = (numbers: readonly number[], dims: readonly number[]) => ({
    data: BigInt64Array.from(numbers, BigInt),
    dims,
  });

  /** Sequences that are being read: what answers is told the next tokens, and which of them logits are wanted of. */
  const begin = async (rows: number) => {
    const state = await program.openState(replaced);
    const read = new Array<number>(rows).fill(0);
    let slots = 0;
    return {
      read,
      /** `asked` counts the tokens of all rows, one row after the other, each as long as the longest. */
      async next(tokens: readonly (readonly number[])[], asked: readonly number[]): Promise<TensorData> {
        const length = Math.max(...tokens.map((row) => row.length));
        // What fills up a short row stands where later tokens will, and no token sees a later one: these overwrite it
        // before anything looks at it.
        const row = Array.from({ length }, (_, i) => i);
        const positions = read.flatMap((from) => row.map((i) => Math.min(from + i, shape.positions - 1)));
        for (const [r, { length: more }] of tokens.entries()) read[r] += more;
        const needed = Math.max(...positions) + 1;
        const enlarged = needed > slots;
        // Doubled, so that what has been kept is moved a few times in all and not for each token.
        if (enlarged) slots = Math.min(shape.positions, Math.max(fewestSlots, 2 * slots, needed));
        const { logits } = await state.run({
          tokens: integers(
            tokens.flatMap((one) => row.map((i) => one[i] ?? 0)),
            [rows, length],
          ),
          positions: integers(positions, [rows, length]),
          asked: integers(asked, [asked.length]),
          ...(enlarged && { slots: integers([...Array(slots).keys()], [slots]) }),
        });
        return logits;
      },
      close: () => state.close(),
    };
  };

  return {
    async *generate(options) {
      const { prompt, tokens, seed = 0, stop = [], signal } = options;
      checkTokens(prompt, shape);
      checkOptions(options);
      const sequence = await begin(1);
      try {
        const draw = randomStream(seed, 'generate');
        let fresh: readonly number[] = prompt;
        for (let made = 0; made < tokens && prompt.length + made <= shape.positions; made++) {
          signal?.throwIfAborted();
          const { data } = await sequence.next([fresh], [fresh.length - 1]);
          if ((data as Float32Array).some(Number.isNaN))
            throw new GenerateError(
              'generate_numbers',
              'The logits are not numbers; look for such numbers among the parameters.',
            );
          const token = chooseToken(data as Float32Array, options, draw);
          if (stop.includes(token)) return;
          yield token;
          fresh = [token];
        }
      } finally {
        await sequence.close();
      }
    },
    async logits(tokens) {
      checkTokens(tokens, shape);
      const sequence = await begin(1);
      try {
        return await sequence.next([tokens], [...tokens.keys()]);
      } finally {
        await sequence.close();
      }
    },
    async begin(rows) {
      if (!(Number.isSafeInteger(rows) && rows >= 1))
        throw new GenerateError('generate_option', `There cannot be ${rows} sequences; begin one or more.`);
      const { read, next, close } = await begin(rows);
      return {
        async next(tokens) {
          if (tokens.length !== rows)
            throw new GenerateError(
              'generate_option',
              `${rows} sequences were begun and the next tokens of ${tokens.length} are given; give those of each.`,
            );
          for (const [r, row] of tokens.entries()) checkTokens(row, shape, read[r]);
          const length = Math.max(...tokens.map((row) => row.length));
          return next(
            tokens,
            tokens.map((row, r) => r * length + row.length - 1),
          );
        },
        close,
      };
    },
    release: () => program.release(),
  };
}

function checkTokens(tokens: readonly number[], { vocabulary, positions }: DecoderShape, read = 0): void {
  if (!Array.isArray(tokens) || tokens.length === 0)
    throw new GenerateError('generate_prompt', 'The prompt has no token; give one or more.');
  if (read + tokens.length > positions)
    throw new GenerateError(
      'generate_length',
      `The prompt has ${read + tokens.length} tokens; the model has ${positions} positions, so give its last ones only.`,
    );
  const wrong = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabulary);
  if (wrong !== undefined)
    throw new GenerateError('generate_token', `${wrong} is no token: they run from 0 to ${vocabulary - 1}.`);
}

function checkOptions({
  tokens,
  temperature = 0,
  topK = 1,
  topP = 1,
  seed = 0,
  stop = [],
}: GenerateOptions): void {
  const refuse = (sentence: string): never => {
    throw new GenerateError('generate_option', sentence);
  };
  if (!(Number.isSafeInteger(tokens) && tokens >= 0))
    refuse(`tokens is ${tokens}; it must be a whole number of 0 or more.`);
  if (!Number.isSafeInteger(seed)) refuse(`seed is ${seed}; it must be a whole number.`);
  if (!Array.isArray(stop)) refuse('stop is no list; give the numbers of tokens.');
  if (!(temperature >= 0 && Number.isFinite(temperature)))
    refuse(`The temperature is ${temperature}; it must be 0 or more.`);
  if (!(Number.isInteger(topK) && topK >= 1))
    refuse(`topK is ${topK}; it must be a whole number of 1 or more.`);
  if (!(topP > 0 && topP <= 1)) refuse(`topP is ${topP}; it must lie above 0 and not above 1.`);
}
