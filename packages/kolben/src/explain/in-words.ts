/**
 * An explanation for a terminal.
 *
 * @module
 */
import type { Explanation } from '@kolben/distill';
import { plain } from '../cli/plain.ts';
import { table } from '../cli/table.ts';
import { percent, signed } from '../progress/words.ts';

/** An explanation, and where its examples come from or why there are none. */
export interface WholeExplanation extends Explanation {
  readonly neighboursFrom?: string;
  readonly neighboursMissing?: string;
}

/** Whether the answer would be given in a cascade, in a clause. */
export function service({ threshold, certified }: Explanation): string {
  if (threshold === null) return 'it has no certificate, so in a cascade the teacher would answer';
  return certified
    ? `its threshold is ${percent(threshold)}, so in a cascade the student would answer`
    : `its threshold is ${percent(threshold)}, so in a cascade the teacher would answer`;
}

/** What the words' figures mean, in a sentence. */
export function meaning({ measure, runnerUp, value, baseline, exact }: Explanation): string {
  const how = exact ? 'Exact' : 'Estimated';
  const what =
    measure === 'log-odds' && runnerUp
      ? `the log-odds of the answer against ${plain(runnerUp.answer)}`
      : 'the confidence in the answer';
  return `${how} shares of ${what}: ${signed(baseline)} without any word, ${signed(value)} with all.`;
}

const mostWords = 12;
const green = (text: string) => `\u001B[32m${text}\u001B[39m`;
const red = (text: string) => `\u001B[31m${text}\u001B[39m`;

export function explanationInWords(
  explanation: WholeExplanation,
  { colours }: { readonly colours: boolean },
): string {
  const { answer, confidence, runnerUp, words, neighbours } = explanation;
  const paint = (text: string, contribution: number) =>
    !colours ? text : contribution > 0 ? green(text) : contribution < 0 ? red(text) : text;
  const ranked = [...words].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const longest = Math.max(...words.map(({ contribution }) => Math.abs(contribution)), 1e-12);
  const rows = ranked
    .slice(0, mostWords)
    .map(({ text, contribution, error }) => [
      signed(contribution),
      error ? `± ${error.toFixed(2)}` : '',
      (contribution < 0 ? '-' : '+').repeat(Math.round((20 * Math.abs(contribution)) / longest)),
      plain(text, 60),
    ]);
  const lines = table(rows, [0, 1]).split('\n');
  const more = words.length - rows.length;
  return [
    `${plain(answer)}  (confidence ${percent(confidence)}; ${service(explanation)})`,
    runnerUp ? `Otherwise: ${plain(runnerUp.answer)} (${percent(runnerUp.confidence)})` : '',
    '',
    meaning(explanation),
    ...lines.map((line, i) => paint(line, ranked[i]!.contribution)),
    ...(more > 0 ? [`  and ${more} more that count for less`] : []),
    '',
    neighbours
      ? `Nearest examples, ${neighbours.by === 'student' ? 'as the student sees them' : 'by their words'}, from ${plain(explanation.neighboursFrom ?? 'those given')}:`
      : `No nearest examples: ${explanation.neighboursMissing ?? 'none were given'}.`,
    ...(neighbours
      ? [
          table(
            neighbours.examples.map(({ similarity, answer: label, text }) => [
              similarity.toFixed(2),
              plain(label, 40),
              plain(text, 90),
            ]),
            [0],
          ),
        ]
      : []),
  ].join('\n');
}
