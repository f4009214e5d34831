/**
 * What a classifier is held to while it is trained: for every text the share that each label should have.
 *
 * Where the teacher was sure, its answer has all of it. Where it wavered, the shares of the dataset are taken as they are;
 * what they leave open goes in equal parts to the labels that they don't name. Of several labels to a text, each has the
 * shares of all the answers that name it. Smoothing is the loss's business and comes on top.
 *
 * Only training sees shares: what a student is measured and certified by is the answer.
 *
 * @module
 */
import type { DatasetExample } from '../datasets/dataset.ts';
import { labelsIn } from './decide-labels.ts';
import type { ClassifyTask } from './task.ts';

export type TaughtExample = Pick<DatasetExample, 'text' | 'answer' | 'soft'>;

/**
 * Row after row the targets of these examples: (examples, labels). A row adds up to 1, unless there may be several
 * labels, or its answer is none that the task has.
 */
export function targetsOf(
  examples: readonly Pick<TaughtExample, 'answer' | 'soft'>[],
  task: ClassifyTask,
): { readonly data: Float32Array; readonly dims: readonly [number, number] } {
  const { labels, multiple } = task;
  const data = new Float32Array(examples.length * labels.length);
  examples.forEach((example, i) => {
    const row = data.subarray(i * labels.length, (i + 1) * labels.length);
    if (multiple) fillSeveral(row, example, task);
    else fillOne(row, example, labels);
  });
  return { data, dims: [examples.length, labels.length] };
}

function fillOne(
  row: Float32Array,
  { answer, soft = { [answer]: 1 } }: Pick<TaughtExample, 'answer' | 'soft'>,
  labels: readonly string[],
): void {
  const given = Object.entries(soft);
  const named = given.flatMap(([label, share]) => {
    const number = labels.indexOf(label);
    return number === -1 ? [] : [{ number, share }];
  });
  const rest = Math.max(0, 1 - given.reduce((sum, [, share]) => sum + share, 0));
  const others = labels.length - named.length;
  // What belongs to labels that the task hasn't counts for nothing.
  const whole = named.reduce((sum, { share }) => sum + share, others > 0 ? rest : 0);
  if (!(whole > 0)) return;
  if (others > 0) row.fill(rest / whole / others);
  for (const { number, share } of named) row[number] = share / whole;
}

function fillSeveral(
  row: Float32Array,
  { answer, soft = { [answer]: 1 } }: Pick<TaughtExample, 'answer' | 'soft'>,
  task: ClassifyTask,
): void {
  const known = Object.entries(soft).flatMap(([given, share]) => {
    const numbers = labelsIn(given, task);
    return numbers ? [{ numbers, share }] : [];
  });
  const whole = known.reduce((sum, { share }) => sum + share, 0);
  for (let c = 0; c < row.length && whole > 0; c++) {
    const naming = known.reduce((sum, { numbers, share }) => (numbers.includes(c) ? sum + share : sum), 0);
    row[c] = naming / whole;
  }
}
