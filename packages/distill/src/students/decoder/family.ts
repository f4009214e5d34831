/**
 * Decoders that write short texts, held to a JSON schema where there is one.
 *
 * @module
 */

import { fitNoveltyGate } from '../../certificates/novelty.ts';
import { constraintOf } from '../../constrained/constraint.ts';
import { answersEqual, learntEquality } from '../answers-equal.ts';
import type { Family } from '../family.ts';
import { answeringFile } from '../folder/answering-file.ts';
import type { GenerateTask, StudentTask } from '../task.ts';
import { cardOf } from './card.ts';
import { confidenceOf, fitConfidence } from './confidence.ts';
import { copyBits, modelFiles, readFormat, readModel } from './model-files.ts';
import { peakOf } from './peak.ts';
import { decoderFromScratch } from './recipe.ts';
import { trainDecoder } from './train-student.ts';
import { loadAnswerWriter } from './write-answers.ts';

export const decoderFamily: Family = {
  name: 'decoder',
  kinds: ['generate'],

  async train(options) {
    const { chips, work } = options;
    const task = generating(options.task);
    const recipe = decoderFromScratch;
    const { shape, parameters, tokenizer, tokenizerFiles, format, constraint, finishWork, ...facts } =
      await trainDecoder({
        ...options,
        task,
        recipe,
        equality: learntEquality(task, options.equality),
        work: { prefix: work.prefix, of: JSON.stringify({ ...work.of, recipe }) },
      });
    return {
      facts: {
        ...facts,
        recipe: {
          ...recipe,
          epochs: facts.epochs,
          vocabulary: shape.vocabulary,
          distribution: options.teacher ? { of: options.teacher.name, ...recipe.distribution } : undefined,
        },
      },
      finish: finishWork,
      async files(tune, signal) {
        const writer = await loadAnswerWriter({ shape, parameters, tokenizer, format, constraint, chips });
        try {
          const answers = await writer.write(
            tune.map(({ text }) => text),
            signal,
          );
          const curve = fitConfidence(
            answers.map((answer, i) => ({
              ...answer,
              correct: answersEqual(task, tune[i].answer, answer.text, options.equality),
            })),
          );
          const novelty = fitNoveltyGate(tune.map(({ text }) => peakOf(text, tokenizer)));
          const { tokenizer: json, config } = tokenizerFiles;
          return modelFiles(task, {
            shape,
            parameters,
            tokenizer: json,
            tokenizerConfig: config,
            format,
            curve: { ...curve, novelty },
          });
        } finally {
          await writer.release();
        }
      },
    };
  },

  async open(files, studentTask, { chips, directory, quantised = false }) {
    const task = generating(studentTask);
    const { curve, ...model } = readModel(files, directory);
    // What answers is made of the weights, by the same rounding as the copy: only whether there is one is asked here.
    answeringFile(files, directory, quantised);
    const writer = await loadAnswerWriter({
      ...model,
      constraint: task.schema && constraintOf(task.schema, model.tokenizer),
      chips,
      rowBits: quantised ? copyBits : undefined,
    });
    return {
      async answer(texts) {
        const answers = await writer.write(texts);
        return answers.map((answer, i) => ({
          answer: answer.text,
          confidence: confidenceOf(answer, peakOf(texts[i], model.tokenizer), curve),
        }));
      },
      release: () => writer.release(),
    };
  },

  card: (files, task) => cardOf(readFormat(files, ''), generating(task)),
};

function generating(task: StudentTask): GenerateTask {
  if (task.kind === 'generate') return task;
  throw new TypeError(`A decoder that generates cannot ${task.kind}.`);
}
