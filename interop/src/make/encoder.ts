/**
 * A student on an open encoder: a small BERT that knew nothing, trained for a moment.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { distill } from '@kolben/distill';
import {
  encoderShapeOf,
  type Graph,
  nn,
  type Parameters,
  randomStream,
  toHuggingFaceClassifier,
  uniform,
  writeSafetensors,
} from '@kolben/engine';
import { parcelExamples } from './examples.ts';
import { wordPieceTokenizer } from './tokenizers.ts';

/** Tokens that the encoder reads. */
export const encoderTokens = 64;

/** Writes the student `out` and its base, `out-base`. */
export async function encoder(out: string): Promise<void> {
  const examples = parcelExamples(300);
  const words = examples.flatMap(
    ({ messages }) =>
      String(messages[0].content)
        .toLowerCase()
        .match(/\p{L}+/gu) ?? [],
  );
  const base = `${out}-base`;
  const tokenizer = wordPieceTokenizer(words);
  const config = {
    ...{ model_type: 'bert', hidden_size: 32, num_hidden_layers: 2, num_attention_heads: 2 },
    ...{ intermediate_size: 48, max_position_embeddings: encoderTokens, type_vocab_size: 2 },
    ...{ vocab_size: Object.keys(tokenizer.model.vocab).length, pad_token_id: 0 },
  };
  const shape = encoderShapeOf(config);
  const parameters = initialParameters(nn.textClassifier(shape, { classes: 2 }).logits.graph);
  const { tensors } = toHuggingFaceClassifier({ shape, parameters, config }, 2);
  mkdirSync(base);
  const files = {
    'config.json': config,
    'tokenizer.json': tokenizer,
    'tokenizer_config.json': { tokenizer_class: 'PreTrainedTokenizerFast' },
  };
  for (const [name, value] of Object.entries(files)) writeFileSync(join(base, name), JSON.stringify(value));
  writeFileSync(join(base, 'model.safetensors'), writeSafetensors(tensors));
  const lowRank = { rank: 8, alpha: 16 };
  await distill({ examples, out, base, lowRank, task: 'parcels', chips: 1, timeBudget: 600 });
}

/** As a model begins, but for its own draws. */
function initialParameters({ values }: Graph): Parameters {
  return Object.fromEntries(
    values.flatMap(({ source, shape: dims }) => {
      if (source?.kind !== 'parameter') return [];
      const { initializer, name } = source;
      const draw = randomStream(1, 'small encoder', name);
      const spread = initializer.kind === 'normal' ? 6 * initializer.deviation : 0;
      const length = (dims as number[]).reduce((all, dim) => all * dim, 1);
      const middle = Number(initializer.kind === 'ones');
      return [[name, Float32Array.from({ length }, () => middle + spread * (uniform(draw) - 0.5))]];
    }),
  );
}
