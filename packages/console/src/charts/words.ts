/**
 * The few words that charts say by themselves; whatever is about the data is handed in.
 *
 * @module
 */

/** In English. What stands in braces is given when they are said, written as it is to be read. */
export const englishTexts = {
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
  interval: '{low} to {high}',
  lossTold: 'From {first} to {last} in {steps} steps.',
  latencyTitle: 'Time to answer, on a scale of powers of ten',
  latencyTold: 'median {median}, 99th percentile {percentile99}',
  reliabilityTitle: 'Agreement by confidence',
  reliabilityTold: '{confidence} sure, {agreement} agreed',
  reliabilityBar: 'Confidence {low} to {high}: agreement {agreement} of {n}',
  riskTitle: 'Disagreement by share answered',
  riskLimit: 'certified at most {alpha}',
  riskTried: 'tried out: at most {alpha}',
  riskPoint: '{coverage} answered, {disagreement} disagreed',
  riskTold: 'The certificate answers {coverage} of these examples and disagrees on {disagreement} of them.',
  riskUncertified: 'There is no certified point.',
  breakEvenAt: 'even at {where}',
  breakEvenWithin: 'even at {where} ({low} to {high})',
  breakEvenNever: 'The lines do not meet here.',
  confusionCorner: 'Teacher ↓ student →',
  teacherSaid: 'Teacher said',
  studentSaid: 'student said',
  times: 'times',
  noDisagreement: 'There is no disagreement.',
  chip: 'Chip {n}',
  workForward: 'F: forward',
  workBackwardInput: 'B: gradient of the input',
  workBackwardWeight: 'W: gradient of the weights',
  workOverlapped: 'F and B overlapped',
  workTransfer: 'Send and receive',
  workReduce: 'All-reduce',
  workUpdate: 'Update',
  spanTold: '{chip}, {work}, {place}, from {start} ms for {length} ms',
  placeMicrobatch: 'stage {stage}, microbatch {microbatch}',
  placeStage: 'stage {stage}',
  mixUps: 'The {shown} most frequent of {kinds} kinds of disagreement, {total} in all; {labels} labels.',
} as const;

type Text = keyof typeof englishTexts;
type Place<Words> = Words extends `${string}{${infer Name}}${infer Rest}` ? Name | Place<Rest> : never;

/** Words without places as they are, the others as functions of what comes into their places. */
export type ChartWords = {
  readonly [Key in Text]: [Place<(typeof englishTexts)[Key]>] extends [never]
    ? string
    : (given: Readonly<Record<Place<(typeof englishTexts)[Key]>, string>>) => string;
};

/** The words of a language. @param say a text of that language, by its key and what comes into its places */
export function chartWords(say: (key: Text, given: Readonly<Record<string, string>>) => string): ChartWords {
  const words = Object.entries(englishTexts).map(([key, text]) => [
    key,
    text.includes('{')
      ? (given: Readonly<Record<string, string>>) => say(key as Text, given)
      : say(key as Text, {}),
  ]);
  return Object.fromEntries(words) as ChartWords;
}

export const englishWords: ChartWords = chartWords((key, given) =>
  englishTexts[key].replace(/\{(\w+)\}/g, (_, name: string) => given[name]!),
);
