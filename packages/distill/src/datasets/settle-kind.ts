/**
 * Decides what kind of answers these are and gives each its one form; refuses a kind that doesn't fit.
 *
 * @module
 */
import {
  type AnswerKind,
  type AnswerShape,
  type ChosenKind,
  chooseKind,
  type DatasetKind,
  labelsOf,
  mostLabels,
  readAnswer,
  STRAY_SHARE,
} from './choose-kind.ts';
import type { Inputs } from './collect-inputs.ts';
import { DatasetError } from './dataset-error.ts';
import { STRAY } from './settle-answers.ts';

export interface Decided extends ChosenKind {
  /** The distinct answers in the kind's one form. */
  names: string[];
  /** For each answer of the inputs the number of its form, or `STRAY`. */
  canonical: Int32Array;
}

interface Asked {
  kind?: DatasetKind;
  multiple?: boolean;
  source?: string;
}

/** @throws DatasetError where the kind that was asked for doesn't fit the answers */
export function decideKind(inputs: Inputs, { kind, multiple, source }: Asked): Decided {
  const { answers, answerCounts } = inputs;
  const chosen = chosenOf(inputs, kind, multiple);
  const total = answers.reduce((sum, _, i) => sum + answerCounts.get(i), 0);
  const shape: AnswerShape | undefined =
    chosen.kind === 'extract' ? 'object' : chosen.multiple ? 'labels' : undefined;
  const strays = strayAnswers(inputs, shape, total);
  if (shape !== undefined && strays.count > STRAY_SHARE * total) {
    const what =
      shape === 'object'
        ? (['dataset_not_json', 'no JSON object', 'answer with one'] as const)
        : (['dataset_not_lists', 'no JSON list of labels', 'answer with one, such as ["a", "b"]'] as const);
    throw new DatasetError(
      what[0],
      source,
      `${strays.count} of ${total} answers are ${what[1]}, the first of them that of example ${strays.position}; have the teacher ${what[2]}, or choose another kind`,
    );
  }
  const decided = name(inputs, chosen, strays.which);
  if (chosen.kind === 'classify') assertClosed(decided, inputs, source);
  return decided;
}

function chosenOf(inputs: Inputs, kind: DatasetKind | undefined, multiple: boolean | undefined): ChosenKind {
  if (kind === 'extract' || kind === 'generate') return { kind, multiple: false };
  if (kind === 'classify' && multiple !== undefined) return { kind, multiple };
  const found = chooseKind(
    inputs.answers.map((answer, i) => [answer, inputs.answerCounts.get(i)] as const),
    inputs.size,
  );
  if (multiple !== undefined) return { kind: 'classify', multiple };
  if (kind === undefined) return found;
  return { kind, multiple: found.multiple };
}

/**
 * Which answers are to be left out. Of a kind that has a shape: whatever hasn't. Otherwise: refusals, unless there are
 * so many of them that they seem to be what the teacher says.
 */
function strayAnswers(
  inputs: Inputs,
  shape: AnswerShape | undefined,
  total: number,
): { which: Uint8Array; count: number; position: number } {
  const which = new Uint8Array(inputs.answers.length);
  let count = 0;
  let position = 0;
  for (const [i, answer] of inputs.answers.entries()) {
    const read = readAnswer(answer);
    if (shape === undefined ? read.shape !== 'refusal' : read.shape !== shape) {
      if (shape === undefined) continue;
    } else if (shape !== undefined) continue;
    which[i] = 1;
    count += inputs.answerCounts.get(i);
    const at = inputs.answerPositions.get(i);
    if (position === 0 || at < position) position = at;
  }
  if (shape === undefined && count > STRAY_SHARE * total) which.fill(0);
  return { which, count, position };
}

function name(inputs: Inputs, { kind, multiple }: ChosenKind, strays: Uint8Array): Decided {
  const plain = !multiple && kind !== 'extract';
  const numbers = new Map<string, number>();
  const canonical = new Int32Array(inputs.answers.length);
  for (const [i, answer] of inputs.answers.entries()) {
    if (strays[i] === 1) {
      canonical[i] = STRAY;
      continue;
    }
    const form = plain ? answer : (readAnswer(answer) satisfies AnswerKind).canonical;
    const known = numbers.get(form);
    canonical[i] = known ?? numbers.size;
    if (known === undefined) numbers.set(form, numbers.size);
  }
  return { kind, multiple, names: [...numbers.keys()], canonical };
}

function assertClosed({ names, multiple }: Decided, inputs: Inputs, source: string | undefined): void {
  const labels = new Set(names.flatMap((form) => labelsOf(form, multiple))).size;
  const most = mostLabels(inputs.size);
  if (labels <= most) return;
  throw new DatasetError(
    'dataset_free_text',
    source,
    `${labels} different answers to ${inputs.size} inputs look like free text, not like labels (at most ${most} here); have the teacher choose from a closed list and answer with the label alone`,
  );
}
