/**
 * The few words that charts say by themselves; whatever is about the data is handed in.
 *
 * @module
 */

export interface ChartWords {
  /** What opens the figures of a chart as a table. */
  asTable: string;
  /** What stands in the place of a chart that has nothing to show yet. */
  nothing: string;
  /** Of a run that ended before there was anything to draw. */
  tooShort: string;
  confidence: string;
  agreement: string;
  disagreement: string;
  coverage: string;
  answers: string;
  step: string;
  loss: string;
  time: string;
  /** `low` and `high` as they are written. */
  interval(low: string, high: string): string;
  lossTold(first: string, last: string, steps: string): string;
  latencyTitle: string;
  latencyTold(median: string, percentile99: string): string;
  reliabilityTitle: string;
  reliabilityTold(confidence: string, agreement: string): string;
  reliabilityBar(low: string, high: string, agreement: string, n: string): string;
  riskTitle: string;
  riskLimit(alpha: string): string;
  riskPoint(coverage: string, disagreement: string): string;
  riskTold(coverage: string, disagreement: string): string;
  riskUncertified: string;
  breakEvenAt(where: string): string;
  breakEvenWithin(where: string, low: string, high: string): string;
  breakEvenNever: string;
  confusionCorner: string;
  teacherSaid: string;
  studentSaid: string;
  times: string;
  noDisagreement: string;
  mixUps(shown: string, kinds: string, total: string, labels: string): string;
}

export const englishWords: ChartWords = {
  asTable: 'The figures as a table',
  nothing: 'There is nothing to draw yet.',
  tooShort: 'The run was too short for a curve.',
  confidence: 'confidence',
  agreement: 'agreement',
  disagreement: 'disagreement',
  coverage: 'share answered',
  answers: 'answers',
  step: 'step',
  loss: 'loss',
  time: 'time',
  interval: (low, high) => `${low} to ${high}`,
  lossTold: (first, last, steps) => `From ${first} to ${last} in ${steps} steps.`,
  latencyTitle: 'Time to answer, on a scale of powers of ten',
  latencyTold: (median, percentile99) => `median ${median}, 99th percentile ${percentile99}`,
  reliabilityTitle: 'Agreement by confidence',
  reliabilityTold: (confidence, agreement) => `${confidence} sure, ${agreement} agreed`,
  reliabilityBar: (low, high, agreement, n) => `Confidence ${low} to ${high}: agreement ${agreement} of ${n}`,
  riskTitle: 'Disagreement by share answered',
  riskLimit: (alpha) => `certified at most ${alpha}`,
  riskPoint: (coverage, disagreement) => `${coverage} answered, ${disagreement} disagreed`,
  riskTold: (coverage, disagreement) =>
    `The certificate answers ${coverage} of these examples and disagrees on ${disagreement} of them.`,
  riskUncertified: 'There is no certified point.',
  breakEvenAt: (where) => `even at ${where}`,
  breakEvenWithin: (where, low, high) => `even at ${where} (${low} to ${high})`,
  breakEvenNever: 'The lines do not meet here.',
  confusionCorner: 'Teacher ↓ student →',
  teacherSaid: 'Teacher said',
  studentSaid: 'student said',
  times: 'times',
  noDisagreement: 'There is no disagreement.',
  mixUps: (shown, kinds, total, labels) =>
    `The ${shown} most frequent of ${kinds} kinds of disagreement, ${total} in all; ${labels} labels.`,
};
