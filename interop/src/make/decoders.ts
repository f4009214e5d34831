/**
 * Decoders as folders in Hugging Face's layout, as GGUF files, and what Kolben makes of a few prompts with them.
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { decoderGguf } from '@kolben/distill';
import {
  type Chip,
  type Graph,
  loadDecoder,
  nn,
  type Parameters,
  randomStream,
  readHuggingFace,
  readLlama2c,
  uniform,
  writeHuggingFace,
} from '@kolben/engine';
import { llama2cTokenizer } from '../../../test/llama2c-tokenizer.ts';
import { byteLevelTokenizer, type TokenizerJson } from './tokenizers.ts';

export type RandomDecoder = 'random-llama' | 'random-llama3' | 'random-qwen2' | 'random-qwen3';

/** What llama.cpp must say too. */
export interface Told {
  readonly prompt: string;
  /** The tokens that are read. */
  readonly read: readonly number[];
  /** The likeliest tokens after them, one after the other. */
  readonly made: readonly number[];
  readonly text: string;
}

/** Karpathy's stories260K, of which the folder with the data sets has a copy. */
export async function stories(out: string, data: string, chip: Chip): Promise<void> {
  const { shape, parameters } = readLlama2c(readFileSync(join(data, 'stories260k', 'stories260K.bin')));
  const tokenizer = llama2cTokenizer(readFileSync(join(data, 'stories260k', 'tok512.bin')));
  const prompts = [
    '',
    'Once upon a time',
    'Tom and Lily went to the park. They',
    'The  big dog',
    'Anna said, "Hello',
    'Ünïcödé 🙂',
  ];
  await decoder(out, { shape, parameters, tokenizer, prompts, begin: 1, end: 2, tokens: 100, chip });
}

/** All that stories260K has not: a head of its own, another base, a byte-level BPE. */
const common: nn.DecoderShape = {
  // More than there are tokens, as in Qwen's files.
  vocabulary: 272,
  width: 64,
  layers: 3,
  heads: 4,
  keyValueHeads: 2,
  hidden: 96,
  positions: 128,
  tied: false,
  epsilon: 1e-6,
  rotaryBase: 500_000,
  rotaryPairs: 'halves',
};

/** What the architectures have of their own, and both ways in which rotations are stretched. */
const shapes: Readonly<Record<RandomDecoder, nn.DecoderShape>> = {
  'random-llama': common,
  'random-llama3': {
    ...common,
    rotaryScaling: { kind: 'llama3', factor: 8, lowFrequency: 1, highFrequency: 4, positions: 16 },
  },
  'random-qwen2': { ...common, attentionBias: true, rotaryScaling: { kind: 'linear', factor: 4 } },
  'random-qwen3': { ...common, queryKeyNorm: true, headWidth: 24, tied: true },
};

/** Those with random weights. */
export async function randomDecoders(folder: string, chip: Chip): Promise<void> {
  const tokenizer = byteLevelTokenizer();
  const prompts = ["The dog's ball and 12 others", 'Grüße aus Köln\n\n  \t ok', '🙂🙂 <|endoftext', 'x'];
  for (const [i, [name, shape]] of Object.entries(shapes).entries()) {
    const parameters = randomParameters(nn.decoderLoss(shape, { length: 8 }).graph, i + 1);
    await decoder(join(folder, name), { shape, parameters, tokenizer, prompts, tokens: 24, chip });
  }
}

interface DecoderOptions {
  readonly shape: nn.DecoderShape;
  readonly parameters: Parameters;
  readonly tokenizer: TokenizerJson;
  readonly prompts: readonly string[];
  readonly begin?: number;
  readonly end?: number;
  /** How many are made after each prompt. */
  readonly tokens: number;
  readonly chip: Chip;
}

/** Writes the folder `out`, `out.gguf` and what Kolben says, `out.json`. */
async function decoder(out: string, options: DecoderOptions): Promise<void> {
  const { begin, end, tokens, chip } = options;
  mkdirSync(out);
  const beginAndEnd = {
    ...(begin === undefined ? {} : { beginToken: begin }),
    ...(end === undefined ? {} : { endToken: end }),
  };
  await writeHuggingFace(out, options.shape, options.parameters, beginAndEnd);
  const config = { tokenizer_class: 'PreTrainedTokenizerFast' };
  writeFileSync(join(out, 'tokenizer.json'), JSON.stringify(options.tokenizer));
  writeFileSync(join(out, 'tokenizer_config.json'), JSON.stringify(config));

  const names = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
  const files = new Map(names.map((name) => [name, readFileSync(join(out, name))]));
  for (const halves of [false, true]) {
    const gguf = decoderGguf(files, { name: 'stories', halves });
    writeFileSync(`${out}${halves ? '-halves' : ''}.gguf`, Buffer.concat([...gguf.parts()]));
  }

  const { shape, parameters } = await readHuggingFace(out);
  const tokenizer = new Tokenizer(options.tokenizer, config);
  const model = await loadDecoder(chip, shape, parameters);
  const told: Told[] = [];
  for (const prompt of options.prompts) {
    const read = tokenizer.encode(prompt).ids;
    const made: number[] = [];
    const stop = end === undefined ? [] : [end];
    for await (const token of model.generate({ prompt: read, tokens, stop })) made.push(token);
    told.push({
      prompt,
      read,
      made,
      text: tokenizer.decode([...read, ...made], { skip_special_tokens: true }),
    });
  }
  await model.release();
  writeFileSync(`${out}.json`, JSON.stringify(told));
}

/** Evenly between -0.5 and 0.5, other ones for every seed. */
function randomParameters({ values }: Graph, seed: number): Parameters {
  return Object.fromEntries(
    values.flatMap(({ source, shape: dims }) => {
      if (source?.kind !== 'parameter') return [];
      const draw = randomStream(seed, 'random decoder', source.name);
      const length = (dims as number[]).reduce((all, dim) => all * dim, 1);
      return [[source.name, Float32Array.from({ length }, () => uniform(draw) - 0.5)]];
    }),
  );
}
