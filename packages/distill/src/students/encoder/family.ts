/**
 * Classifiers that stand on an open encoder: BERT and its kin, ModernBERT.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HuggingFaceEncoder, nn, type Parameters, readHuggingFaceEncoder } from '@kolben/engine';
import { BaseError } from '../../base/base-error.ts';
import type { Base } from '../../base/open-base.ts';
import { fitNoveltyGate } from '../../certificates/novelty.ts';
import type { DatasetExample } from '../../datasets/dataset.ts';
import { decideLabels, labelsIn, lossOf, temperatureOf } from '../decide-labels.ts';
import type { Family, TrainingBase } from '../family.ts';
import { answeringFile } from '../folder/answering-file.ts';
import { tokenizerConfigName, tokenizerName } from '../folder/file-names.ts';
import { targetsOf } from '../label-targets.ts';
import type { ClassifyTask, StudentTask } from '../task.ts';
import { batchSize, planOnChips, type Trainable, trainOnChips } from '../train-on-chips.ts';
import { loadAnsweringProgram } from './answering-program.ts';
import { encoderInputs } from './batches.ts';
import { cardOf } from './card.ts';
import { fitClassDistances, nearness } from './class-distances.ts';
import {
  modelFiles,
  type Novelty,
  readConfig,
  readTokenizer,
  type TokenizerFiles,
  withTemperature,
} from './model-files.ts';
import { fineTuning, lowRankTuning, type Recipe } from './recipe.ts';
import { loadTokenizer } from './tokenize.ts';
import { unknownShare } from './unknown-words.ts';

/** Of the training split, from which distances are reckoned: more texts would move little. */
const textsForDistances = 2000;
/** The share of the tune split's texts that lie too far away (docs/decisions/0168). */
const takenForStrange = 0.05;

export const encoderFamily: Family = {
  name: 'kolben-encoder',
  kinds: ['classify'],

  async train(options) {
    const { chips, work, base, validation } = options;
    const task = classifying(options.task);
    const { recipe, encoder, tokenizer, tokenize, maxTokens, padding } = await openEncoder(base);
    const { shape, config } = encoder;
    const classes = task.labels.length;
    const wholeOf = (trained: Parameters): Parameters => {
      const all = { ...encoder.parameters, ...trained };
      return recipe.adapters ? nn.mergeLowRank(all, recipe.adapters) : all;
    };
    /** Row after row, what the model says of each text: its logits, or another output of so many numbers. */
    const saidOf = async (
      parameters: Parameters,
      examples: readonly DatasetExample[],
      other?: nn.TextClassifierOutput & { readonly numbers: number },
    ): Promise<Float32Array> => {
      const { onnx } = nn.textClassifierProgram(shape, parameters, {
        classes,
        ...(other && { output: other }),
      });
      const program = await loadAnsweringProgram(onnx, {
        ...{ chips, classes: other?.numbers ?? classes, shape, padding, tokenize },
        ...(other && { output: other.name }),
      });
      try {
        return await program.logits(examples.map(({ text }) => text));
      } finally {
        await program.release();
      }
    };
    const noveltyOf = async (parameters: Parameters, tune: readonly DatasetExample[]): Promise<Novelty> => {
      const { width } = shape;
      const known = options.train.filter(({ answer }) => task.labels.includes(answer));
      const step = Math.max(1, known.length / textsForDistances);
      const some = Array.from(
        { length: Math.min(known.length, textsForDistances) },
        (_, i) => known[Math.floor(i * step)],
      );
      const states = await saidOf(parameters, some, {
        ...{ name: 'states', numbers: width, of: ({ meanState }) => meanState() },
      });
      const labels = some.map(({ answer }) => task.labels.indexOf(answer));
      const distances = fitClassDistances(states, labels, { width, classes });
      const peaks = await saidOf(parameters, tune, {
        ...{ name: 'peak', numbers: 1, of: ({ meanState }) => nearness(meanState(), distances) },
      });
      return { distances, gate: fitNoveltyGate(peaks, takenForStrange) };
    };

    const trained = await trainOnChips(
      trainableOf({ task, encoder, recipe, padding, tokenize, examples: options.train }),
      {
        ...options,
        work: {
          prefix: work.prefix,
          of: JSON.stringify({ ...work.of, recipe, base: base?.lineage.digest }),
        },
        look:
          validation.length === 0
            ? undefined
            : async (parameters) => {
                const logits = await saidOf(wholeOf(parameters), validation);
                const answers = validation.map(({ answer }) => answer);
                const agreed = decideLabels(logits, task).filter(
                  ({ answer }, i) => answer === answers[i],
                ).length;
                return { loss: lossOf(logits, answers, task), agreement: agreed / answers.length };
              },
      },
    );
    const { parameters, finishWork, ...facts } = trained;
    return {
      facts: { ...facts, recipe: { ...recipe, epochs: facts.epochs } },
      finish: finishWork,
      async files(tune) {
        const whole = wholeOf(parameters);
        const answers = tune.map(({ answer }) => answer);
        const temperature = temperatureOf(await saidOf(whole, tune), answers, task);
        const final = { shape, config, parameters: withTemperature(whole, temperature) };
        // Where a text may have no label at all, none has to be the right one.
        const novelty = task.multiple ? undefined : await noveltyOf(final.parameters, tune);
        return modelFiles(task, final, tokenizer, maxTokens, novelty);
      },
    };
  },

  async plan({ base, task, train, ...options }) {
    const opened = await openEncoder(base);
    const trainable = trainableOf({ ...opened, task: classifying(task), examples: train });
    return planOnChips(trainable, options);
  },

  async open(files, studentTask, { chips, directory, quantised = false }) {
    const task = classifying(studentTask);
    const model = readConfig(files, task, directory);
    const tokenize = readTokenizer(files, directory, model);
    const program = await loadAnsweringProgram(answeringFile(files, directory, quantised), {
      ...{ chips, classes: task.labels.length, shape: model.shape, padding: model.padding },
      tokenize,
    });
    return {
      answer: async (texts) => decideLabels(await program.logits(texts), task),
      weigh: async (texts) => ({ answers: task.labels, scores: await program.logits(texts) }),
      unknownWords: async (texts) =>
        unknownShare(texts, json(files.get(tokenizerName)!, tokenizerName), tokenize),
      release: () => program.release(),
    };
  },

  card(files, task) {
    const model = readConfig(files, classifying(task), '');
    const { architectures } = JSON.parse(new TextDecoder().decode(files.get('config.json')));
    return cardOf(model, String(architectures[0]));
  },
};

/** A base as it is trained further. */
interface OpenEncoder {
  readonly encoder: HuggingFaceEncoder;
  readonly recipe: Recipe;
  readonly padding: number;
  readonly tokenizer: TokenizerFiles;
  readonly tokenize: (text: string) => number[];
  readonly maxTokens: number;
}

async function openEncoder(base: TrainingBase | undefined): Promise<OpenEncoder> {
  if (!base) throw new TypeError('An encoder is trained from a base.');
  const recipe = base.lowRank ? lowRankTuning(base.lowRank) : fineTuning;
  const encoder = await readHuggingFaceEncoder(base.folder);
  const tokenizer = await tokenizerOf(base);
  const { shape, config } = encoder;
  const maxTokens = Math.min(recipe.maxTokens, shape.positions);
  const tokenize = loadTokenizer(parsed(tokenizer), tokenizer.config, {
    maxTokens,
    vocabulary: shape.vocabulary,
  });
  const padding = typeof config.pad_token_id === 'number' ? config.pad_token_id : 0;
  return { encoder, recipe, padding, tokenizer, tokenize, maxTokens };
}

interface Preparation extends Pick<OpenEncoder, 'encoder' | 'recipe' | 'padding' | 'tokenize'> {
  readonly task: ClassifyTask;
  readonly examples: readonly DatasetExample[];
}

function trainableOf({
  task,
  encoder: { shape, parameters },
  recipe,
  padding,
  tokenize,
  examples,
}: Preparation): Trainable {
  const classes = task.labels.length;
  const { multiple } = task;
  const usable = examples.flatMap(({ text, answer, soft }) =>
    labelsIn(answer, task) ? [{ tokens: tokenize(text), answer, soft }] : [],
  );
  const lengths = usable.map(({ tokens }) => tokens.length);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 1);
  const batch = batchSize(usable.length, recipe);
  const { dropout, smoothing, adapters } = recipe;
  return {
    loss: () =>
      nn.textClassifier(shape, {
        ...{ classes, multiple, soft: true, dropout, smoothing },
        ...(adapters && { adapters }),
      }).loss,
    lengths,
    pace: recipe,
    batch,
    positions: (own) => own.length * own.reduce((most, length) => Math.max(most, length), 1),
    microbatches: (parts) =>
      parts.map((part) => {
        const texts = part.map((i) => usable[i]);
        return {
          ...encoderInputs(
            texts.map(({ tokens }) => tokens),
            shape,
            padding,
          ),
          labels: targetsOf(texts, task),
          weights: { data: new Float32Array(part.length).fill(1 / batch), dims: [part.length] },
        };
      }),
    bounds: (count) => ({ B: batch / count, T: longest }),
    initial: parameters,
  };
}

async function tokenizerOf({ folder }: Base): Promise<TokenizerFiles> {
  const read = (name: string) => readFile(join(folder, name)).catch(() => undefined);
  const [tokenizer, config, specialTokens] = await Promise.all(
    [tokenizerName, tokenizerConfigName, 'special_tokens_map.json'].map(read),
  );
  if (!tokenizer)
    throw new BaseError(
      'base_incomplete',
      `The base has no ${tokenizerName} in ${folder}; take one that has, or let its tokenizer be written so.`,
    );
  const described = config && json(config, tokenizerConfigName);
  return { tokenizer, config: described ?? {}, ...(specialTokens && { specialTokens }) };
}

function parsed({ tokenizer }: TokenizerFiles): unknown {
  return json(tokenizer, tokenizerName);
}

function json(bytes: Uint8Array, name: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // As for what is JSON and no object.
  }
  throw new BaseError('base_incomplete', `The base's ${name} is no JSON object; fetch the base again.`);
}

function classifying(task: StudentTask): ClassifyTask {
  if (task.kind === 'classify') return task;
  throw new TypeError(`A classifier cannot ${task.kind}.`);
}
