/**
 * Classifiers from scratch: words as sums of their spelling, in order, and a bag of n-grams beside them.
 *
 * @module
 */
import type { Chip } from '@kolben/engine';
import { decideLabels, temperatureOf } from '../decide-labels.ts';
import type { Family, ModelFiles, TrainedModel } from '../family.ts';
import { answeringFile } from '../folder/answering-file.ts';
import type { ClassifyTask, StudentTask } from '../task.ts';
import { answeringModel, knownModel } from './answering-graph.ts';
import { loadAnsweringProgram } from './answering-program.ts';
import { cardOf } from './card.ts';
import { keepClasses } from './keep-classes.ts';
import { modelFiles, readConfig, readModel, rounded } from './model-files.ts';
import { wordsAndBag } from './recipe.ts';
import { spellTexts } from './spell-texts.ts';
import { planStudent, type TrainedStudent, trainStudent } from './train-student.ts';
import { unknownGramShares, unknownShare } from './unknown-words.ts';

export const wordsAndBagFamily: Family = {
  name: 'kolben-words-and-bag',
  kinds: ['classify'],

  async train(options) {
    const task = classifying(options.task);
    const recipe = wordsAndBag;
    const trained = await trainStudent({
      ...options,
      task,
      validation: () => options.validation,
      recipe,
      work: { prefix: options.work.prefix, of: JSON.stringify({ ...options.work.of, recipe }) },
    });
    return trainedModel(trained, task, options.chips);
  },

  plan(options) {
    return planStudent({ ...options, task: classifying(options.task), recipe: wordsAndBag });
  },

  async trainStreamed(options) {
    const task = classifying(options.task);
    const trained = await trainStudent({
      ...options,
      task,
      validation: () => options.validation.filter(({ answer }) => answer !== ''),
      recipe: wordsAndBag,
    });
    return trainedModel(trained, task, options.chips);
  },

  async open(files, studentTask, { chips, directory, quantised = false }) {
    const task = classifying(studentTask);
    const { shape, vocabulary } = readModel(files, task, directory);
    const classes = task.labels.length;
    const program = await loadAnsweringProgram(answeringFile(files, directory, quantised), {
      chips,
      classes,
      byteLimit: shape.byteLimit,
    });
    return {
      answer: async (texts) => decideLabels(await program.logits(texts), task),
      weigh: async (texts) => ({ answers: task.labels, scores: await program.logits(texts) }),
      unknownWords: async (texts) =>
        unknownShare(await spellTexts(texts, { chips, byteLimit: shape.byteLimit }), vocabulary),
      unknownGrams: async (texts) =>
        unknownGramShares(await spellTexts(texts, { chips, byteLimit: shape.byteLimit }), vocabulary),
      release: () => program.release(),
    };
  },

  card: (files: ModelFiles, task: StudentTask) => cardOf(readConfig(files, classifying(task), '').shape),
};

function trainedModel(
  { shape, vocabulary, parameters, finishWork, ...facts }: TrainedStudent,
  trainedFor: ClassifyTask,
  chips: readonly Chip[],
): TrainedModel {
  return {
    facts: { ...facts, recipe: { ...wordsAndBag, epochs: facts.epochs } },
    finish: finishWork,
    async files(tune, _signal, known = trainedFor) {
      const task = classifying(known);
      const { labels } = task;
      const kept = keepClasses({ shape, parameters }, trainedFor.labels, labels);
      // By the numbers that the files will hold.
      const model = rounded({ ...kept, vocabulary, temperature: 1, usuallyKnown: null });
      const texts = tune.map((example) => example.text);
      const { byteLimit } = shape;
      const read = async (onnx: Uint8Array, classes: number, output: string) => {
        const program = await loadAnsweringProgram(onnx, { chips, classes, byteLimit, output });
        try {
          return await program.logits(texts);
        } finally {
          await program.release();
        }
      };
      // Of several labels none may be right: what is unknown says nothing then.
      const usuallyKnown = task.multiple
        ? null
        : medianKnown(await read(knownModel(kept.shape, model.vocabulary, model.parameters), 1, 'known'));
      const plain = answeringModel(kept.shape, model.vocabulary, model.parameters, {
        temperature: 1,
        usuallyKnown,
        metadata: {},
      });
      const temperature = temperatureOf(
        await read(plain, labels.length, 'logits'),
        tune.map((example) => example.answer),
        task,
      );
      return modelFiles(task, { ...model, temperature, usuallyKnown });
    },
  };
}

/** Null where there is nothing to go by. */
function medianKnown(shares: Float32Array): number | null {
  const median = shares.slice().sort()[shares.length >> 1];
  return median ? Math.min(1, median) : null;
}

function classifying(task: StudentTask): ClassifyTask {
  if (task.kind === 'classify') return task;
  throw new TypeError(`A classifier cannot ${task.kind}.`);
}
