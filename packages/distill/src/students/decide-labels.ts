/**
 * From logits to answers, and the temperature that makes their confidence true.
 *
 * @module
 */
import { fitTemperature, negativeLogLikelihood } from '../certificates/temperature.ts';
import type { RawAnswer } from './family.ts';
import type { ClassifyTask } from './task.ts';

/** The numbers of the labels in an answer; undefined if one of them isn't the task's. */
export function labelsIn(answer: string, { labels, multiple }: ClassifyTask): number[] | undefined {
  const names = multiple ? namesIn(answer) : [answer];
  const numbers = names?.map((name) => labels.indexOf(name));
  return numbers?.every((number) => number >= 0) ? numbers : undefined;
}

function namesIn(answer: string): string[] | undefined {
  try {
    const names: unknown = JSON.parse(answer);
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
  } catch {
    return undefined;
  }
}

/** The answer of each row of logits: the likeliest label, or all that are likelier than not. */
export function decideLabels(logits: Float32Array, { labels, multiple }: ClassifyTask): RawAnswer[] {
  const classes = labels.length;
  return Array.from({ length: logits.length / classes }, (_, row): RawAnswer => {
    const values = logits.subarray(row * classes, (row + 1) * classes);
    if (multiple) {
      const named = labels.filter((__, c) => values[c] > 0).sort(byCodeUnits);
      // Of every question of its own, that the answer to it is right.
      const confidence = values.reduce((product, value) => product / (1 + Math.exp(-Math.abs(value))), 1);
      return { answer: JSON.stringify(named), confidence };
    }
    let best = 0;
    for (let c = 1; c < classes; c++) if (values[c] > values[best]) best = c;
    const sum = values.reduce((all, value) => all + Math.exp(value - values[best]), 0);
    return { answer: labels[best], confidence: 1 / sum };
  });
}

const byCodeUnits = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The temperature that fits the teacher's answers best; those with a label that isn't the task's are left out. */
export function temperatureOf(logits: Float32Array, answers: readonly string[], task: ClassifyTask): number {
  const { rows, classes, labels } = questions(logits, answers, task);
  return fitTemperature(rows, classes, labels);
}

/** The mean loss of a label, in nats. */
export function lossOf(logits: Float32Array, answers: readonly string[], task: ClassifyTask): number {
  const { rows, classes, labels } = questions(logits, answers, task);
  return negativeLogLikelihood(rows, classes, labels, 1);
}

/** Logits and labels of one choice each: that of a label, or for every label that of yes or no. */
function questions(logits: Float32Array, answers: readonly string[], task: ClassifyTask) {
  const classes = task.labels.length;
  const named = answers.map((answer) => labelsIn(answer, task));
  if (!task.multiple) return { rows: logits, classes, labels: named.map((own) => own?.[0] ?? -1) };
  const rows = new Float32Array(2 * logits.length);
  for (const [i, logit] of logits.entries()) rows[2 * i + 1] = logit;
  const labels = named.flatMap((own) =>
    task.labels.map((_, c) => (own === undefined ? -1 : Number(own.includes(c)))),
  );
  return { rows, classes: 2, labels };
}
