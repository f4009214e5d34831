import { type Chip, randomStream, startChip, uniform } from '@kolben/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decideLabels } from '../decide-labels.ts';
import type { TaughtExample } from '../label-targets.ts';
import type { ClassifyTask } from '../task.ts';
import { answeringModel } from './answering-graph.ts';
import { loadAnsweringProgram } from './answering-program.ts';
import { wordsAndBag } from './recipe.ts';
import { trainStudent } from './train-student.ts';

/** A student that learns from a teacher who is unsure of some texts, as small as can be. */

let chip: Chip;
beforeAll(async () => {
  chip = await startChip();
});
afterAll(() => chip.close());

const recipe = {
  ...wordsAndBag,
  ...{ width: 16, windows: [1], heads: 2, epochs: 20, leastSteps: 1, batch: 32, microbatches: 2 },
};
const one: ClassifyTask = { name: 't', kind: 'classify', labels: ['ham', 'spam'], multiple: false };
const several: ClassifyTask = { ...one, labels: ['late', 'wet'], multiple: true };

const words = {
  first: ['meeting', 'notes', 'lunch', 'agenda', 'minutes'],
  second: ['winner', 'prize', 'casino', 'jackpot', 'lottery'],
  unclear: ['offer', 'discount', 'voucher', 'newsletter', 'coupon'],
};
const draw = randomStream(3, 'texts');
const textOf = (group: keyof typeof words) =>
  Array.from({ length: 4 }, () => words[group][Math.floor(5 * uniform(draw))]!).join(' ');
const made = (group: keyof typeof words, count: number) => Array.from({ length: count }, () => textOf(group));
const groups = { first: made('first', 64), second: made('second', 64), unclear: made('unclear', 64) };

/** What the teacher says to each group, and of the unclear ones also how sure it is. */
function examples(
  [first, second, unclear]: readonly [string, string, string],
  soft?: Readonly<Record<string, number>>,
): TaughtExample[] {
  return [
    ...groups.first.map((text) => ({ text, answer: first })),
    ...groups.second.map((text) => ({ text, answer: second })),
    ...groups.unclear.map((text) => ({ text, answer: unclear, ...(soft && { soft }) })),
  ];
}

const trained = (train: readonly TaughtExample[], task: ClassifyTask) =>
  trainStudent({
    ...{ train, task, recipe, seed: 1, timeBudget: 3000 },
    chips: [chip],
    validation: () => [],
  });

/** The mean logits that a student gives to unclear texts that it never saw, and what it answers to the first. */
async function unclear({ shape, vocabulary, parameters }: Awaited<ReturnType<typeof trained>>, task = one) {
  const onnx = answeringModel(shape, vocabulary, parameters, { temperature: 1, metadata: {} });
  const program = await loadAnsweringProgram(onnx, {
    ...{ chips: [chip], classes: shape.classes, byteLimit: shape.byteLimit },
  });
  const logits = await program.logits(made('unclear', 30));
  await program.release();
  const means = [0, 1].map((c) => logits.reduce((sum, x, i) => (i % 2 === c ? sum + x / 30 : sum), 0));
  return { means, answers: new Set(decideLabels(logits, task).map(({ answer }) => answer)) };
}
/** What the teacher of the first two tests says, the label being all that is told of it. */
const answers = ['ham', 'spam', 'ham'] as const;
let sure: ReturnType<typeof trained> | undefined;
const trainedOnLabels = () => (sure ??= trained(examples(answers), one));
const logistic = (x: number) => 1 / (1 + Math.exp(-x));

test('shares that are all on one label train the very student that the labels do', async () => {
  const shares = examples(answers).map((example, i) =>
    i % 3 === 0 ? example : { ...example, soft: { [example.answer]: 1 } },
  );
  const [first, second] = [await trainedOnLabels(), await trained(shares, one)];
  expect(second.parameters).toEqual(first.parameters);
  expect(second.run.losses).toEqual(first.run.losses);
}, 60_000);

test('where the teacher wavers, so does the student, and it gives the same answer', async () => {
  const confidence = async (student: Awaited<ReturnType<typeof trained>>) => {
    const { means, answers: given } = await unclear(student);
    expect([...given]).toEqual(['ham']);
    return logistic(means[0]! - means[1]!);
  };
  const hard = await confidence(await trainedOnLabels());
  const soft = await confidence(await trained(examples(answers, { ham: 0.7, spam: 0.3 }), one));
  expect(hard).toBeGreaterThan(0.85);
  expect(Math.abs(soft - 0.7)).toBeLessThan(0.1);
}, 60_000);

test('of several labels, each question by itself', async () => {
  const soft = { '["late","wet"]': 0.6, '["late"]': 0.4 };
  const train = examples(['["late"]', '["wet"]', '["late","wet"]'], soft);
  const { means } = await unclear(await trained(train, several), several);
  expect(logistic(means[0]!)).toBeGreaterThan(0.85);
  expect(Math.abs(logistic(means[1]!) - 0.6)).toBeLessThan(0.1);
}, 60_000);
