/**
 * config.json: what the model is, in the words that readers of Hugging Face folders know.
 *
 * @module
 */
import { z } from 'zod';
import { noveltyGateSchema } from '../../certificates/novelty.ts';
import type { ClassifyTask } from '../task.ts';
import type { WordsAndBag } from './model.ts';

const count = z.int().positive();

/**
 * What `model_type` says: a type that Transformers.js opens with its encoders' classes, which take any ONNX model from
 * texts' tokens to numbers, and that Transformers in Python does not open at all, where it
 * would otherwise build another model around our weights. `architectures` has the true name.
 */
export const openedType = 'neobert';

export const configSchema = z
  .object({
    architectures: z.tuple([z.literal('KolbenWordsAndBagForSequenceClassification')]),
    // (Students written before this was so have their true name here; Transformers.js opens only their tokenizer.)
    model_type: z.literal([openedType, 'kolben-words-and-bag']),
    problem_type: z.literal(['single_label_classification', 'multi_label_classification']),
    id2label: z.record(z.string(), z.string()),
    label2id: z.record(z.string(), z.int()),
    torch_dtype: z.literal('float16'),
    /** Bytes. */
    vocab_size: z.literal(256),
    pad_token_id: z.literal(0),
    /** Bytes of a text that are read; the rest is cut off. */
    max_position_embeddings: count,
    hidden_size: count,
    windows: z.array(count).min(1),
    num_attention_heads: count,
    max_words: count,
    /** Rows of the table of words and n-grams, and of that of the bag. */
    piece_rows: count,
    bag_rows: count,
    /** The logits of the ONNX model are already divided by it. */
    temperature: z.number().positive(),
    /** They hold what tells texts that belong to no label, too. */
    novelty: noveltyGateSchema.nullable(),
  })
  .refine(
    ({ hidden_size, num_attention_heads }) => hidden_size % num_attention_heads === 0,
    'hidden_size must be a multiple of num_attention_heads',
  );

type Config = z.infer<typeof configSchema>;

export function configOf({
  task,
  shape,
  temperature,
  novelty,
}: Pick<WordsAndBag, 'shape' | 'temperature' | 'novelty'> & { task: ClassifyTask }): Config {
  return {
    architectures: ['KolbenWordsAndBagForSequenceClassification'],
    model_type: openedType,
    problem_type: task.multiple ? 'multi_label_classification' : 'single_label_classification',
    id2label: Object.fromEntries(task.labels.map((label, i) => [String(i), label])),
    label2id: Object.fromEntries(task.labels.map((label, i) => [label, i])),
    torch_dtype: 'float16',
    vocab_size: 256,
    pad_token_id: 0,
    max_position_embeddings: shape.byteLimit,
    hidden_size: shape.width,
    windows: [...shape.windows],
    num_attention_heads: shape.heads,
    max_words: shape.maxWords,
    piece_rows: shape.pieces,
    bag_rows: shape.bag,
    temperature,
    novelty,
  };
}

export function contentsOf(config: Config): Pick<WordsAndBag, 'shape' | 'temperature' | 'novelty'> {
  return {
    temperature: config.temperature,
    novelty: config.novelty,
    shape: {
      width: config.hidden_size,
      windows: config.windows,
      heads: config.num_attention_heads,
      classes: Object.keys(config.id2label).length,
      pieces: config.piece_rows,
      bag: config.bag_rows,
      maxWords: config.max_words,
      byteLimit: config.max_position_embeddings,
    },
  };
}
