/**
 * Decoders that write short texts, held to a JSON schema where there is one.
 *
 * @module
 */
import { BaseError } from '../../base/base-error.ts';
import { fitNoveltyGate } from '../../certificates/novelty.ts';
import { constraintOf } from '../../constrained/constraint.ts';
import { answersEqual, learntEquality } from '../answers-equal.ts';
import type { Family, TrainingBase } from '../family.ts';
import { answeringFile } from '../folder/answering-file.ts';
import type { GenerateTask, StudentTask } from '../task.ts';
import { planOnChips } from '../train-on-chips.ts';
import { cardOf } from './card.ts';
import { confidenceOf, fitConfidence } from './confidence.ts';
import { readDecoderFolder } from './decoder-folder.ts';
import { copyBits, modelFiles, readFormat, readModel } from './model-files.ts';
import { peakOf } from './peak.ts';
import { decoderFineTuning, decoderFromScratch, decoderLowRank } from './recipe.ts';
import { type DecoderStart, prepareDecoder, trainDecoder } from './train-student.ts';
import { loadAnswerWriter } from './write-answers.ts';

export const decoderFamily: Family = {
  name: 'decoder',
  kinds: ['generate'],

  async train(options) {
    const { chips, work, base } = options;
    const task = generating(options.task);
    const start = await startOf(base);
    const { recipe } = start;
    const { shape, parameters, tokenizer, tokenizerFiles, format, constraint, finishWork, ...facts } =
      await trainDecoder({
        ...options,
        start,
        task,
        equality: learntEquality(task, options.equality),
        work: {
          prefix: work.prefix,
          of: JSON.stringify({ ...work.of, recipe, base: base?.lineage.digest }),
        },
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

  async plan({ base, task, ...options }) {
    const { trainable } = await prepareDecoder({
      ...options,
      start: await startOf(base),
      task: generating(task),
    });
    return planOnChips(trainable, options);
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

  card: (files, task, options) => cardOf(readFormat(files, ''), generating(task), options),
};

/** An ONNX model is one message of protobuf, which ends at 2 GiB; a little is left for what isn't weights. */
const mostBytes = 2 ** 31 - 2 ** 24;

/** What is trained: a model of the recipe's shape, or the base. */
async function startOf(base: TrainingBase | undefined): Promise<DecoderStart> {
  if (!base) return { recipe: decoderFromScratch };
  const { lowRank, folder, lineage } = base;
  const decoder = await readDecoderFolder(folder);
  const bytes = Object.values(decoder.parameters).reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes > mostBytes)
    throw new BaseError(
      'base_too_large',
      `${lineage.id} has ${Math.round(bytes / 4e6)} million parameters, and a student's ONNX model holds ${Math.floor(mostBytes / 4e6)} million; take a smaller base.`,
    );
  return { recipe: lowRank ? decoderLowRank(lowRank) : decoderFineTuning, base: decoder };
}

function generating(task: StudentTask): GenerateTask {
  if (task.kind === 'generate') return task;
  throw new TypeError(`A decoder that generates cannot ${task.kind}.`);
}
