/**
 * Extraction from scratch: words tagged in one go, choices classified, put together into JSON that keeps to the schema.
 *
 * @module
 */
import { canonicalAnswer } from '../../extract/json.ts';
import type { Family } from '../family.ts';
import { onnxName } from '../folder/file-names.ts';
import type { ExtractTask, StudentTask } from '../task.ts';
import { planOnChips } from '../train-on-chips.ts';
import { answerFrom } from './answer.ts';
import { loadTaggingProgram } from './answering-program.ts';
import { cardOf } from './card.ts';
import { confidenceOf, fitConfidence } from './confidence.ts';
import { modelFiles, readConfig, readTagger } from './model-files.ts';
import { taggerRecipe } from './recipe.ts';
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
        return modelFiles(task, { ...model, confidence });
      },
    };
  },

  async plan(options) {
    const task = extracting(options.task);
    const { trainable } = await prepareTagger({ ...options, task, recipe: taggerRecipe });
    return planOnChips(trainable, options);
  },

  async open(files, studentTask, { chips, directory }) {
    const task = extracting(studentTask);
    const model = readTagger(files, directory);
    const context = contextOf(task, model);
    const program = await loadTaggingProgram(files.get(onnxName)!, { chips, shape: model.shape });
    return {
      async answer(texts) {
        const logits = await program.logits(texts);
        return texts.map((text, i) => {
          const { answer, scores } = answerFrom(text, logits[i], context);
          return { answer, confidence: scores ? confidenceOf(scores, model.confidence) : 0 };
        });
      },
      release: () => program.release(),
    };
  },

  card: (files) => cardOf(readConfig(files, '')),
};

function extracting(task: StudentTask): ExtractTask {
  if (task.kind === 'extract') return task;
  throw new TypeError(`A tagger cannot ${task.kind}.`);
}
