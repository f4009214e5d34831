/**
 * A small encoder with weights from a seed and a tokenizer of words, in the layout in which open models come.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  encoderShapeOf,
  nn,
  randomStream,
  toHuggingFaceClassifier,
  uniform,
  writeSafetensors,
} from '@kolben/engine';

const width = 32;
const configs = {
  bert: {
    ...{ model_type: 'bert', hidden_size: width, num_hidden_layers: 2, num_attention_heads: 2 },
    ...{ intermediate_size: 64, max_position_embeddings: 40, type_vocab_size: 2, pad_token_id: 0 },
  },
  modernbert: {
    ...{ model_type: 'modernbert', hidden_size: width, num_hidden_layers: 2, num_attention_heads: 2 },
    ...{ intermediate_size: 48, max_position_embeddings: 64, local_attention: 8, pad_token_id: 0 },
    ...{ global_attn_every_n_layers: 2, classifier_pooling: 'mean' },
  },
};

/** Writes the base whose tokenizer knows the words of `texts`; other words are unknown to it. */
export function writeSmallBase(folder: string, type: keyof typeof configs, texts: readonly string[]): void {
  const words = [
    ...new Set(texts.flatMap((text) => text.toLowerCase().match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [])),
  ];
  const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...words];
  const config = { ...configs[type], vocab_size: vocabulary.length };
  const shape = encoderShapeOf(config);
  const { logits } = nn.textClassifier(shape, { classes: 2 });
  const draw = randomStream(5, 'small base');
  const parameters = Object.fromEntries(
    logits.graph.values.flatMap(({ source, shape: dims }) => {
      if (source?.kind !== 'parameter') return [];
      const length = (dims as number[]).reduce((product, dim) => product * dim, 1);
      const spread =
        source.initializer.kind === 'normal' ? 2 * source.initializer.deviation * Math.sqrt(3) : 0;
      const middle = source.initializer.kind === 'ones' ? 1 : 0;
      return [[source.name, Float32Array.from({ length }, () => middle + spread * (uniform(draw) - 0.5))]];
    }),
  );
  const { tensors } = toHuggingFaceClassifier({ shape, parameters, config }, 2);
  const special = (content: string, id: number) => ({
    ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  });
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: vocabulary.slice(0, 5).map(special),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: false,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [
        { SpecialToken: { id: '[CLS]', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '[SEP]', type_id: 0 } },
      ],
      pair: [],
      special_tokens: {
        '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
        '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
      },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      ...{
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
      },
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
    },
  };
  mkdirSync(folder, { recursive: true });
  const write = (name: string, value: object) => writeFileSync(join(folder, name), JSON.stringify(value));
  write('config.json', config);
  write('tokenizer.json', tokenizer);
  write('tokenizer_config.json', { tokenizer_class: 'PreTrainedTokenizerFast', model_max_length: 512 });
  writeFileSync(join(folder, 'model.safetensors'), writeSafetensors(tensors));
}
