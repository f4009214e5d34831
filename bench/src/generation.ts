/**
 * How fast a decoder goes on writing: `npm run bench -- generation`.
 *
 * The same tokens are made twice, on one chip, in turn: with keys and values that stay on the chip, and by reading
 * everything again for each token. A prompt is read at once and token by token.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Decoder,
  KolbenError,
  loadDecoder,
  nn,
  type Parameters,
  randomStream,
  readLlama2c,
  startChip,
  uniform,
} from '@kolben/engine';
import type { Bench } from './bench.ts';
import { type Spread, spreadOf } from './training/statistics.ts';

const rounds = 7;
/** Tokens that are read, and tokens that are made after them. */
const [read, made] = [192, 64];

interface ModelResult {
  model: string;
  /** Tokens a second. */
  kept: Spread;
  recomputed: Spread;
  /** Of the two, in the same round. */
  ratio: Spread;
  /** Tokens of a prompt a second. */
  promptAtOnce: Spread;
  promptOneByOne: Spread;
  promptRatio: Spread;
}

interface GenerationResult {
  rounds: number;
  promptTokens: number;
  madeTokens: number;
  models: ModelResult[];
}

export const generation: Bench = {
  name: 'generation',
  about: 'tokens a second from a decoder: keys and values kept on the chip, or everything read again',
  async run({ progress, signal }) {
    const models = [await stories(), invented()];
    const chip = await startChip(0);
    try {
      const results: ModelResult[] = [];
      for (const { name, shape, parameters } of models) {
        const decoder = await loadDecoder(chip, shape, parameters);
        const seconds: Seconds[] = [];
        for (let round = 0; round <= rounds; round++) {
          signal.throwIfAborted();
          progress(`${name}: ${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}`);
          const measured = await measure(decoder, shape.vocabulary, signal);
          if (round > 0) seconds.push(measured);
        }
        await decoder.release();
        const speeds = (tokens: number, of: keyof Seconds) => spreadOf(seconds.map((s) => tokens / s[of]));
        const ratios = (slow: keyof Seconds, fast: keyof Seconds) =>
          spreadOf(seconds.map((s) => s[slow] / s[fast]));
        results.push({
          model: name,
          kept: speeds(made, 'kept'),
          recomputed: speeds(made, 'recomputed'),
          ratio: ratios('recomputed', 'kept'),
          promptAtOnce: speeds(read, 'promptAtOnce'),
          promptOneByOne: speeds(read, 'promptOneByOne'),
          promptRatio: ratios('promptOneByOne', 'promptAtOnce'),
        });
      }
      return { rounds, promptTokens: read, madeTokens: made, models: results } satisfies GenerationResult;
    } finally {
      await chip.close();
    }
  },
  describe(result) {
    const { models, promptTokens, madeTokens } = result as GenerationResult;
    const line = (what: string, speed: Spread, ratio?: Spread) =>
      [
        `  ${what.padEnd(34)}`,
        Math.round(speed.median).toLocaleString('en').padStart(8),
        ratio
          ? `${ratio.median.toFixed(1)} ×`.padStart(10) +
            `  (${ratio.lowerQuartile.toFixed(1)} to ${ratio.upperQuartile.toFixed(1)})`
          : '',
      ].join('');
    return [
      `A prompt of ${promptTokens} tokens, then ${madeTokens} tokens, the likeliest ones; tokens a second, and how many times the line below.`,
      ...models.flatMap((model) => [
        model.model,
        line('made, keys and values kept', model.kept, model.ratio),
        line('made, everything read again', model.recomputed),
        line('read, the prompt at once', model.promptAtOnce, model.promptRatio),
        line('read, token by token', model.promptOneByOne),
      ]),
    ].join('\n');
  },
};

interface Model {
  readonly name: string;
  readonly shape: nn.DecoderShape;
  readonly parameters: Parameters;
}

async function stories(): Promise<Model> {
  const folder = process.env.KOLBEN_TEST_DATA;
  const bytes =
    folder && (await readFile(join(folder, 'stories260k', 'stories260K.bin')).catch(() => undefined));
  if (!bytes)
    throw new KolbenError(
      'bench_data',
      'This bench needs stories260K.bin: set KOLBEN_TEST_DATA to the folder that holds stories260k.',
    );
  return { name: 'stories260K: 64 wide, 5 layers, 512 tokens', ...readLlama2c(bytes) };
}

/** A model of the training bench's size with weights that mean nothing: this bench is about time. */
function invented(): Model {
  const shape = {
    ...{ vocabulary: 4096, width: 256, layers: 6, heads: 8, keyValueHeads: 8, hidden: 704 },
    ...{ positions: 512, tied: false },
  };
  const draw = randomStream(1, 'generation');
  const { graph } = nn.decoderLoss(shape, { length: 1 });
  const parameters = Object.fromEntries(
    graph.values.flatMap(({ source, shape: dims }) => {
      if (source?.kind !== 'parameter') return [];
      const length = (dims as number[]).reduce((product, dim) => product * dim, 1);
      const scale = dims.length === 1 ? 0 : (dims[1] as number) ** -0.5;
      const values = Float32Array.from({ length }, () => (scale === 0 ? 1 : scale * (4 * uniform(draw) - 2)));
      return [[source.name, values] as const];
    }),
  );
  return { name: 'invented: 256 wide, 6 layers, 4,096 tokens', shape, parameters };
}

interface Seconds {
  kept: number;
  recomputed: number;
  promptAtOnce: number;
  promptOneByOne: number;
}

async function measure(decoder: Decoder, vocabulary: number, signal: AbortSignal): Promise<Seconds> {
  const draw = randomStream(2, 'prompt');
  const prompt = Array.from({ length: read }, () => Math.floor(uniform(draw) * vocabulary));
  const begun = performance.now();
  const kept: number[] = [];
  let first = 0;
  for await (const token of decoder.generate({ prompt, tokens: made + 1, signal })) {
    if (kept.push(token) === 1) first = performance.now();
  }
  const afterKept = performance.now();

  for (let i = 1; i <= made; i++) {
    signal.throwIfAborted();
    const { data } = await decoder.logits([...prompt, ...kept.slice(0, i)]);
    const logits = (data as Float32Array).subarray(-vocabulary);
    // Of two tokens that are all but equally likely, roundings may decide.
    if (logits.some((logit) => logit > logits[kept[i]] + 1e-3))
      throw new KolbenError(
        'bench_tokens',
        'The two ways make different tokens: there is nothing to compare.',
      );
  }
  const afterRecomputed = performance.now();

  // As many runs of one token as the prompt has: what reading it so would take.
  const single = decoder.generate({ prompt: prompt.slice(0, 1), tokens: read, signal });
  while (!(await single.next()).done);
  const afterSingle = performance.now();
  return {
    kept: (afterKept - first) / 1000,
    recomputed: (afterRecomputed - afterKept) / 1000,
    promptAtOnce: (first - begun) / 1000,
    promptOneByOne: (afterSingle - afterRecomputed) / 1000,
  };
}
