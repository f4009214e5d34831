/**
 * Classifiers from scratch: words as sums of their spelling, in order, and a bag of n-grams beside them.
 *
 * @module
 */
import type { Chip } from '@kolben/engine';
import { fitTemperature } from '../../certificates/temperature.ts';
import type { DatasetExample } from '../../datasets/dataset.ts';
import type { Family, ModelFiles, TrainedModel } from '../family.ts';
import { onnxName } from '../folder/file-names.ts';
import type { ClassifyTask, StudentTask } from '../task.ts';
import { answeringModel } from './answering-graph.ts';
import { decide, loadAnsweringProgram } from './answering-program.ts';
import { cardOf } from './card.ts';
import { keepClasses } from './keep-classes.ts';
import { modelFiles, readConfig, readModel } from './model-files.ts';
import { wordsAndBag } from './recipe.ts';
import { type TrainedStudent, trainStudent } from './train-student.ts';

/** Index of each example's label; -1 for one that the student cannot say. */
export function labelled(
  examples: readonly Pick<DatasetExample, 'text' | 'answer'>[],
  labels: readonly string[],
): { text: string; label: number }[] {
  const numbers = new Map(labels.map((label, i) => [label, i]));
  return examples.map(({ text, answer }) => ({ text, label: numbers.get(answer) ?? -1 }));
}

export const wordsAndBagFamily: Family = {
  name: 'kolben-words-and-bag',
  kinds: ['classify'],

  async train(options) {
    const { labels } = classifying(options.task);
    const recipe = wordsAndBag;
    const trained = await trainStudent({
      ...options,
      train: labelled(options.train, labels),
      validation: () => labelled(options.validation, labels),
      classes: labels.length,
      recipe,
      work: { prefix: options.work.prefix, of: JSON.stringify({ ...options.work.of, recipe }) },
    });
    return trainedModel(trained, options.task, options.chips);
  },

  async trainStreamed(options) {
    const { labels } = classifying(options.task);
    const trained = await trainStudent({
      ...options,
      train: labelledLater(options.train, labels),
      validation: () =>
        labelled(
          options.validation.filter(({ answer }) => answer !== ''),
          labels,
        ),
      classes: labels.length,
      recipe: wordsAndBag,
    });
    return trainedModel(trained, options.task, options.chips);
  },

  async open(files, studentTask, { chips, directory }) {
    const task = classifying(studentTask);
    const { shape } = readModel(files, task, directory);
    const classes = task.labels.length;
    const program = await loadAnsweringProgram(files.get(onnxName)!, {
      chips,
      classes,
      byteLimit: shape.byteLimit,
    });
    return {
      async answer(texts) {
        return decide(await program.logits(texts), classes).map(({ label, confidence }) => ({
          answer: task.labels[label],
          confidence,
        }));
      },
      release: () => program.release(),
    };
  },

  card: (files: ModelFiles, task: StudentTask) => cardOf(readConfig(files, classifying(task), '').shape),
};

function trainedModel(
  { shape, vocabulary, parameters, finishWork, ...facts }: TrainedStudent,
  trainedFor: StudentTask,
  chips: readonly Chip[],
): TrainedModel {
  return {
    facts: { ...facts, recipe: { ...wordsAndBag, epochs: facts.epochs } },
    finish: finishWork,
    async files(tune, _signal, known = trainedFor) {
      const task = classifying(known);
      const { labels } = task;
      const model = keepClasses({ shape, vocabulary, parameters }, classifying(trainedFor).labels, labels);
      const onnx = answeringModel(model.shape, vocabulary, model.parameters, {
        temperature: 1,
        metadata: {},
      });
      const program = await loadAnsweringProgram(onnx, {
        chips,
        classes: labels.length,
        byteLimit: shape.byteLimit,
      });
      try {
        const temperature = fitTemperature(
          await program.logits(tune.map((example) => example.text)),
          labels.length,
          labelled(tune, labels).map(({ label }) => label),
        );
        return modelFiles(task, { ...model, temperature });
      } finally {
        await program.release();
      }
    },
  };
}

/** The same for examples whose answers come later: the label is looked up when it is asked for, 0 until it is there. */
function labelledLater(
  examples: readonly DatasetExample[],
  labels: readonly string[],
): { text: string; label: number }[] {
  return examples.map((example) => ({
    text: example.text,
    get label() {
      return Math.max(0, labels.indexOf(example.answer));
    },
  }));
}

function classifying(task: StudentTask): ClassifyTask {
  if (task.kind === 'classify') return task;
  throw new TypeError(`A classifier cannot ${task.kind}.`);
}
