/**
 * Small decoders with their tokenizers, in the layout in which open models come.
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nn, type Parameters, randomStream, readLlama2c, uniform, writeHuggingFace } from '@kolben/engine';
import { llama2cTokenizer } from '../../../../test/llama2c-tokenizer.ts';
import { bpeFiles } from '../tokenizers/bpe-files.ts';
import { trainBpe } from '../tokenizers/train-bpe.ts';

/** A Qwen3 with weights from a seed, in bfloat16 and several files, and a tokenizer trained on `texts`. */
export async function writeSmallQwen3(folder: string, texts: readonly string[]): Promise<void> {
  const bpe = trainBpe(texts, { vocabulary: 320, special: ['<|end|>'], leastCount: 2 });
  const shape: nn.DecoderShape = {
    // More than there are tokens, as in Qwen's files.
    ...{ vocabulary: bpe.tokens.length + 8, width: 32, layers: 2, heads: 4, keyValueHeads: 2, hidden: 48 },
    ...{ headWidth: 12, positions: 96, tied: true, rotaryPairs: 'halves', queryKeyNorm: true },
    ...{ epsilon: 1e-6, rotaryBase: 500_000 },
  };
  mkdirSync(folder, { recursive: true });
  await writeHuggingFace(folder, shape, drawn(shape), { halves: 'BF16', shardBytes: 16_384, endToken: 0 });
  const { tokenizer, config } = bpeFiles(bpe, { end: '<|end|>', limit: 96 });
  writeTokenizer(folder, tokenizer, config);
}

/** Karpathy's stories260K with Llama 2's kind of tokenizer, which begins every text with a token. */
export async function writeStories(folder: string, data: string): Promise<void> {
  const file = (name: string) => readFileSync(join(data, 'stories260k', name));
  const { shape, parameters } = readLlama2c(file('stories260K.bin'));
  mkdirSync(folder, { recursive: true });
  await writeHuggingFace(folder, shape, parameters, { beginToken: 1, endToken: 2 });
  writeTokenizer(folder, llama2cTokenizer(file('tok512.bin')), { bos_token: '<s>', eos_token: '</s>' });
  writeFileSync(join(folder, 'README.md'), '---\nlanguage: en\nlicense: mit\n---\n# stories260K\n');
}

function writeTokenizer(folder: string, tokenizer: object, config: object): void {
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
}

function drawn(shape: nn.DecoderShape): Parameters {
  return Object.fromEntries(
    nn.decoderLoss(shape, { length: 8 }).graph.values.flatMap(({ source, shape: dims }) => {
      if (source?.kind !== 'parameter') return [];
      const draw = randomStream(1, 'small decoder', source.name);
      const length = (dims as number[]).reduce((all, dim) => all * dim, 1);
      const [middle, spread] = source.name.toLowerCase().includes('norm') ? [0.7, 0.6] : [-0.25, 0.5];
      return [[source.name, Float32Array.from({ length }, () => middle + spread * uniform(draw))]];
    }),
  );
}
