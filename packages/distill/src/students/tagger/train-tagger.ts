/**
 * Trains a tagger from scratch on texts with answers in JSON, as a pipeline over the chips.
 *
 * @module
 */
import { type Parameters, randomStream } from '@kolben/engine';
import { canonicalAnswer } from '../../extract/json.ts';
import { tagKinds } from '../../extract/plan.ts';
import { type Extraction, prepareExtraction, type TextWithAnswer } from '../../extract/prepare-extraction.ts';
import { schemaCheck } from '../../extract/schema.ts';
import type { ExtractTask } from '../task.ts';
import {
  batchSize,
  type Look,
  type OnChipsOptions,
  type Trainable,
  type TrainedOnChips,
  type TrainOnChipsOptions,
  trainOnChips,
} from '../train-on-chips.ts';
import { positionsOfTexts, prepareTexts } from '../words-and-bag/batches.ts';
import { rounded } from '../words-and-bag/model-files.ts';
import { buildVocabulary } from '../words-and-bag/vocabulary.ts';
import { type AnswerContext, answerFrom, type ExtractedAnswer } from './answer.ts';
import { loadTaggingProgram } from './answering-program.ts';
import { type Targets, taggerMicrobatch } from './batches.ts';
import { plainConfidence } from './confidence.ts';
import type { Exclusions } from './decode.ts';
import { onnxOf, type Tagger } from './model-files.ts';
import type { TaggerRecipe } from './recipe.ts';
import type { TaggerShape } from './shape.ts';
import { spellCased } from './spell-cased.ts';
import { taggerLoss } from './training-graph.ts';

interface TaggerOptions {
  readonly task: ExtractTask;
  readonly train: readonly TextWithAnswer[];
  readonly recipe: TaggerRecipe;
}

export interface TrainTaggerOptions extends TaggerOptions, Omit<TrainOnChipsOptions, 'look'> {
  /** Watched while training; nothing is chosen by it. */
  readonly validation: readonly TextWithAnswer[];
}

export interface TrainedTagger extends TrainedOnChips {
  readonly model: Tagger;
}

interface Prepared {
  readonly model: Omit<Tagger, 'parameters'>;
  readonly trainable: Trainable;
}

/**
 * Everything that training needs and that does not depend on how it is spread over chips.
 *
 * @throws ExtractError as `prepareExtraction` does
 */
export async function prepareTagger({
  task,
  train,
  recipe,
  chips,
  seed,
  signal,
}: TaggerOptions & OnChipsOptions): Promise<Prepared> {
  const { byteLimit, width, convolutions, heads } = recipe;
  const extraction = prepareExtraction(train, {
    schema: task.schema,
    maxWords: recipe.maxWords,
    byteLimit,
  });
  const { plan, encoded } = extraction.analysis;
  // What cannot be expressed would teach that nothing is there.
  const taught = extraction.examples.flatMap((example, i) => {
    const one = encoded[i];
    return one ? [{ example, encoded: one }] : [];
  });
  const texts = taught.map(({ example }) => example.text);
  const spelled = await spellCased(texts, { chips, byteLimit, signal });
  const vocabulary = buildVocabulary(spelled, recipe.vocabulary);
  const longest = spelled.texts.reduce((most, { words }) => Math.max(most, words.length), 0);
  const maxWords = Math.max(4, Math.min(recipe.maxWords, longest));
  const prepared = prepareTexts(spelled, vocabulary, maxWords);
  const kinds = tagKinds(plan);
  const shape: TaggerShape = {
    width,
    convolutions,
    heads,
    tags: kinds.map((layer) => 1 + 2 * layer.length),
    choices: plan.choices.map(({ values }) => values.length),
    pieces: vocabulary.pieces,
    bag: vocabulary.bag,
    maxWords,
    byteLimit,
  };
  const targets = taught.map(({ encoded: { spans, choices } }, i): Targets => {
    const tags = kinds.map(() => new Uint16Array(Math.min(maxWords, spelled.texts[i].words.length)));
    for (const { label, first, span } of spans) {
      const { layer } = plan.labels[label];
      const kind = kinds[layer].findIndex((one) => one.label === label && one.first === first);
      tags[layer].fill(2 * kind + 2, span.from, span.to);
      tags[layer][span.from] = 2 * kind + 1;
    }
    return { tags, choices, writings: spelled.writings[i] };
  });
  const lengths = prepared.texts.map(({ words }) => words.length);
  const batch = batchSize(texts.length, recipe);
  return {
    model: {
      shape,
      vocabulary,
      plan,
      exclusions: exclusionsOf(extraction, recipe.leastToExclude),
      confidence: plainConfidence,
    },
    trainable: {
      loss: () => taggerLoss(shape, recipe.regularisation).loss,
      lengths,
      pace: recipe,
      batch,
      positions: positionsOfTexts,
      microbatches: (parts, step) => {
        const words = parts.flat().reduce((sum, index) => sum + lengths[index], 0);
        return parts.map((part, m) =>
          taggerMicrobatch(prepared, part, targets, {
            weight: 1 / batch,
            words: Math.max(1, words),
            dropouts: recipe.dropouts,
            draw: randomStream(seed, 'dropout', step, m),
          }),
        );
      },
      bounds: (count) => ({
        B: batch / count,
        T: maxWords,
        U: (batch / count) * maxWords + 1,
        S: vocabulary.pieces,
        R: vocabulary.bag,
      }),
    },
  };
}

/** Labels that no example has together with a class of a choice, where the class came often enough to tell. */
function exclusionsOf({ analysis: { plan, encoded } }: Extraction, least: number): Exclusions {
  return plan.choices.map(({ values }, choice) =>
    values.map((_, index) => {
      const those = encoded.filter((one) => one?.choices[choice] === index);
      if (those.length < least) return [];
      const seen = new Set(those.flatMap((one) => one?.spans.map(({ label }) => label) ?? []));
      return [...plan.labels.keys()].filter((label) => !seen.has(label));
    }),
  );
}

export async function trainTagger(options: TrainTaggerOptions): Promise<TrainedTagger> {
  const { task, validation, chips } = options;
  const { model, trainable } = await prepareTagger(options);
  const look = async (parameters: Parameters): Promise<Look> => {
    const answers = await answersOf(task, { ...model, parameters }, validation, chips.slice(0, 1));
    const agreed = answers.map(({ answer }, i) => answer === canonicalAnswer(validation[i].answer));
    const loss = answers.reduce((sum, { scores }) => sum - (scores ? scores.tags + scores.choices : -100), 0);
    return {
      loss: loss / validation.length,
      agreement: agreed.filter(Boolean).length / validation.length,
    };
  };
  const trained = await trainOnChips(trainable, {
    ...options,
    look: validation.length === 0 ? undefined : look,
  });
  return { ...trained, model: rounded({ ...model, parameters: trained.parameters }) };
}

export function contextOf(task: ExtractTask, { shape, plan, exclusions }: Tagger): AnswerContext {
  return {
    shape,
    plan,
    exclusions,
    kinds: tagKinds(plan),
    check: schemaCheck(task.schema),
    maxWords: shape.maxWords,
    byteLimit: shape.byteLimit,
  };
}

/** What the model answers to texts. */
export async function answersOf(
  task: ExtractTask,
  model: Tagger,
  examples: readonly Pick<TextWithAnswer, 'text'>[],
  chips: TrainTaggerOptions['chips'],
): Promise<ExtractedAnswer[]> {
  const program = await loadTaggingProgram(onnxOf(task, model), { chips, shape: model.shape });
  try {
    const context = contextOf(task, model);
    const texts = examples.map(({ text }) => text);
    const logits = await program.logits(texts);
    return texts.map((text, i) => answerFrom(text, logits[i], context));
  } finally {
    await program.release();
  }
}
