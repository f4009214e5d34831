/**
 * Extraction from scratch: words tagged in one go, choices classified, put together into JSON that keeps to the schema.
 *
 * @module
 */
import { fitNoveltyGate } from '../../certificates/novelty.ts';
import { canonicalAnswer } from '../../extract/json.ts';
import type { Family } from '../family.ts';
import { answeringFile } from '../folder/answering-file.ts';
import type { ExtractTask, StudentTask } from '../task.ts';
import { planOnChips } from '../train-on-chips.ts';
import { unknownGramShares, unknownShare } from '../words-and-bag/unknown-words.ts';
import { answerFrom } from './answer.ts';
import { loadTaggingProgram } from './answering-program.ts';
import { cardOf } from './card.ts';
import { confidenceOf, fitConfidence } from './confidence.ts';
import { modelFiles, readConfig, readTagger } from './model-files.ts';
import { taggerRecipe } from './recipe.ts';
import { spellCased } from './spell-cased.ts';
import { answersOf, contextOf, prepareTagger, trainTagger } from './train-tagger.ts';

export const taggerFamily: Family = {
  name: 'kolben-tagger',
  kinds: ['extract'],

  async train(options) {
    const { chips, work } = options;
    const task = extracting(options.task);
    const recipe = taggerRecipe;
    const {
      model,
      parameters: _,
      finishWork,
      ...facts
    } = await trainTagger({
      ...options,
      task,
      recipe,
      work: { prefix: work.prefix, of: JSON.stringify({ ...work.of, recipe, schema: task.schema }) },
    });
    return {
      facts: { ...facts, recipe: { ...recipe, epochs: facts.epochs } },
      finish: finishWork,
      async files(tune) {
        const answers = await answersOf(task, model, tune, chips);
        const scored = answers.flatMap(({ answer, scores }, i) =>
          scores ? [{ scores, correct: answer === canonicalAnswer(tune[i].answer) }] : [],
        );
        const confidence = fitConfidence(
          scored.map(({ scores }) => scores),
          scored.map(({ correct }) => correct),
        );
        const novelty = fitNoveltyGate(answers.map(({ peak }) => peak));
        return modelFiles(task, { ...model, confidence: { ...confidence, novelty } });
      },
    };
  },

  async plan(options) {
    const task = extracting(options.task);
    const { trainable } = await prepareTagger({ ...options, task, recipe: taggerRecipe });
    return planOnChips(trainable, options);
  },

  async open(files, studentTask, { chips, directory, quantised = false }) {
    const task = extracting(studentTask);
    const model = readTagger(files, directory);
    const context = contextOf(task, model);
    const program = await loadTaggingProgram(answeringFile(files, directory, quantised), {
      chips,
      shape: model.shape,
    });
    return {
      async answer(texts) {
        const logits = await program.logits(texts);
        return texts.map((text, i) => {
          const { answer, scores, peak } = answerFrom(text, logits[i], context);
          return { answer, confidence: scores ? confidenceOf(scores, peak, model.confidence) : 0 };
        });
      },
      unknownWords: async (texts) =>
        unknownShare(await spellCased(texts, { chips, byteLimit: model.shape.byteLimit }), model.vocabulary),
      unknownGrams: async (texts) =>
        unknownGramShares(
          await spellCased(texts, { chips, byteLimit: model.shape.byteLimit }),
          model.vocabulary,
        ),
      release: () => program.release(),
    };
  },

  card: (files) => cardOf(readConfig(files, '')),
};

function extracting(task: StudentTask): ExtractTask {
  if (task.kind === 'extract') return task;
  throw new TypeError(`A tagger cannot ${task.kind}.`);
}
