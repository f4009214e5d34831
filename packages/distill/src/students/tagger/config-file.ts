/**
 * config.json of a tagger: what the model is, in the words that readers of Hugging Face folders know, and the plan by
 * which its tags and choices become an answer.
 *
 * @module
 */
import { z } from 'zod';
import { type Plan, planSchema, tagKinds } from '../../extract/plan.ts';
import { openedType } from '../words-and-bag/config-file.ts';
import { type ConfidenceModel, confidenceFeatures, confidenceSchema } from './confidence.ts';
import type { Exclusions } from './decode.ts';
import type { TaggerShape } from './shape.ts';

const count = z.int().positive();

export const configSchema = z.object({
  architectures: z.tuple([z.literal('KolbenTaggerForTokenClassification')]),
  // (Students written before it was so have their true name here; Transformers.js opens only their tokenizer.)
  model_type: z.literal([openedType, 'kolben-tagger']),
  torch_dtype: z.literal('float16'),
  /** Bytes. */
  vocab_size: z.literal(256),
  pad_token_id: z.literal(0),
  /** Bytes of a text that are read; the rest is cut off. */
  max_position_embeddings: count,
  hidden_size: count,
  convolutions: count,
  num_attention_heads: z.int().nonnegative(),
  max_words: count,
  /** Rows of the table of words and n-grams, and of that of the bag. */
  piece_rows: count,
  bag_rows: count,
  /** The outputs `tags` of each word, by number: layers one after the other. */
  tags: z.array(z.array(z.string())),
  /** The outputs `choices`, by number: choices one after the other. `null` for a choice that leaves the key out. */
  choices: z.array(z.object({ path: z.string(), values: z.array(z.string().nullable()) })),
  plan: planSchema,
  /** By choice and class, the labels that never came with it. */
  exclusions: z.array(z.array(z.array(z.int().nonnegative()))),
  /** How scores become a confidence. */
  confidence: confidenceSchema,
});

export type TaggerConfig = z.infer<typeof configSchema>;

/** What a tagger is, apart from its tables of numbers. */
export interface TaggerSettings {
  readonly shape: TaggerShape;
  readonly plan: Plan;
  readonly exclusions: Exclusions;
  readonly confidence: ConfidenceModel;
}

export function configOf({ shape, plan, exclusions, confidence }: TaggerSettings): TaggerConfig {
  return {
    architectures: ['KolbenTaggerForTokenClassification'],
    model_type: openedType,
    torch_dtype: 'float16',
    vocab_size: 256,
    pad_token_id: 0,
    max_position_embeddings: shape.byteLimit,
    hidden_size: shape.width,
    convolutions: shape.convolutions,
    num_attention_heads: shape.heads,
    max_words: shape.maxWords,
    piece_rows: shape.pieces,
    bag_rows: shape.bag,
    tags: tagNames(plan),
    choices: plan.choices.map(({ path, values }) => ({
      path,
      values: values.map(({ value }) => (value === undefined ? null : JSON.stringify(value))),
    })),
    plan,
    exclusions: exclusions.map((classes) => classes.map((labels) => [...labels])),
    confidence,
  };
}

/** By layer the names of the tags: `O`, `B-city`, `I-city`; `B!` begins an element of an array too. */
function tagNames(plan: Plan): string[][] {
  return tagKinds(plan).map((kinds) => [
    'O',
    ...kinds.flatMap(({ label, first }) =>
      ['B', 'I'].map((letter) => `${letter}${first ? '!' : ''}-${plan.labels[label].path}`),
    ),
  ]);
}

/** @throws RangeError with what contradicts what */
export function settingsOf(config: TaggerConfig): TaggerSettings {
  const { plan, exclusions, confidence } = config;
  const shape: TaggerShape = {
    width: config.hidden_size,
    convolutions: config.convolutions,
    heads: config.num_attention_heads,
    tags: tagKinds(plan).map((kinds) => 1 + 2 * kinds.length),
    choices: plan.choices.map(({ values }) => values.length),
    pieces: config.piece_rows,
    bag: config.bag_rows,
    maxWords: config.max_words,
    byteLimit: config.max_position_embeddings,
  };
  const settings = { shape, plan, exclusions, confidence };
  if (JSON.stringify(configOf(settings).tags) !== JSON.stringify(config.tags))
    throw new RangeError('its tags are not those of its plan');
  if (confidence.weights.length !== confidenceFeatures)
    throw new RangeError(
      `its confidence has ${confidence.weights.length} weights, not ${confidenceFeatures}`,
    );
  checkPlan(plan);
  return settings;
}

/** Numbers of labels and choices must be those of its lists. */
function checkPlan(plan: Plan): void {
  const visit = (node: Plan['root']): void => {
    if (node.kind === 'choice' && !plan.choices[node.choice])
      throw new RangeError(`its plan speaks of choice ${node.choice}, which it doesn't list`);
    if ((node.kind === 'span' || node.kind === 'spans') && !plan.labels[node.label])
      throw new RangeError(`its plan speaks of label ${node.label}, which it doesn't list`);
    if (node.kind === 'list') visit(node.element);
    if (node.kind === 'object') for (const member of Object.values(node.members)) visit(member);
  };
  visit(plan.root);
}
