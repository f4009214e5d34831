/**
 * Deals inputs out to the splits before they are answered.
 *
 * Which split an input belongs to, which inputs are the same or nearly so and which share a conversation depends on
 * texts alone; so all of it can be settled before the teacher is asked, and nothing that arrives later can move an
 * example from one side to the other. What deals them is what freezes datasets, with answers that mean nothing.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { Example } from '@kolben/store';
import { SPLITS, type Split } from '../datasets/dataset.ts';
import { freezeDataset } from '../datasets/freeze-dataset.ts';
import { normaliseText } from '../datasets/normalise.ts';
import { inputText } from '../examples/input-text.ts';
import { type RedactOptions, redactor } from '../redact/redact-text.ts';

export interface DealtInput {
  /** The first of the examples with this text that has an answer, else the first. */
  readonly example: Example;
  /** What the student reads, without personal data. */
  readonly text: string;
  readonly split: Split;
}

export interface DealtInputs {
  /** One for each distinct text, in random order. */
  readonly inputs: readonly DealtInput[];
  /** The split of any text among the inputs, as the dataset has it. */
  splitOf(text: string): Split;
  /** All examples, those that repeat a text too. */
  readonly examples: readonly Example[];
}

export interface DealInputsOptions {
  readonly seed: number;
  /** To be named in errors. */
  readonly source?: string | undefined;
  /** How texts are redacted. Default: as `redactText` does without being told. */
  readonly redact?: RedactOptions | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @throws DatasetError where there are too few inputs; the signal's reason once it is aborted, and whatever the source
 *   of examples throws
 */
export async function dealInputs(
  source: AsyncIterable<Example> | Iterable<Example>,
  { seed, source: name, redact: how = {}, signal }: DealInputsOptions,
): Promise<DealtInputs> {
  const redact = redactor(how);
  const examples: Example[] = [];
  const byText = new Map<string, Example>();
  const unanswered: Example[] = [];
  for await (const example of source) {
    signal?.throwIfAborted();
    examples.push(example);
    const key = normaliseText(redact(inputText(example.messages)).text);
    const known = byText.get(key);
    if (known === undefined || (known.answer === undefined && example.answer !== undefined))
      byText.set(key, example);
    unanswered.push({ ...example, answer: lotOf(key, seed).startsWith('0') ? '0' : '1' });
  }
  // Of the kind whose answers don't count when splits are dealt.
  const { splits } = await freezeDataset(unanswered, {
    seed,
    kind: 'generate',
    redact: how,
    ...(name === undefined ? {} : { source: name }),
    ...(signal === undefined ? {} : { signal }),
  });
  const places = new Map<string, Split>();
  const inputs: (DealtInput & { lot: string })[] = [];
  for (const split of SPLITS) {
    for (const { text } of splits[split]) {
      const key = normaliseText(text);
      places.set(key, split);
      inputs.push({ example: byText.get(key)!, text, split, lot: lotOf(key, seed) });
    }
  }
  inputs.sort((a, b) => (a.lot < b.lot ? -1 : 1));
  const splitOf = (text: string): Split => {
    const split = places.get(normaliseText(text));
    if (split === undefined) throw new RangeError('The text is none of the inputs.');
    return split;
  };
  return { examples, inputs: inputs.map(({ lot: _, ...input }) => input), splitOf };
}

/** Random, and a function of text and seed alone; its first digit is 0 or another half of the time each. */
function lotOf(text: string, seed: number): string {
  const hash = createHash('sha256').update(`lot\n${seed}\n${text}`).digest('hex');
  return `${Number.parseInt(hash[0]!, 16) & 1}${hash.slice(1)}`;
}

/**
 * The order in which inputs are best asked: what training begins with, what it is watched by, the rest of training,
 * and last what judges the student in the end, whose answers come while the training ends.
 *
 * Where the money may end before the inputs do, every split must get its share of the answers: then all of them come in
 * random order.
 *
 * @param first how many training examples the training begins with
 */
export function askingOrder(
  inputs: readonly DealtInput[],
  { first, capped }: { readonly first: number; readonly capped: boolean },
): DealtInput[] {
  if (capped) return [...inputs];
  const of = (split: Split) => inputs.filter((input) => input.split === split);
  const train = of('train');
  const rest = SPLITS.filter((split) => split !== 'train' && split !== 'validation').flatMap(of);
  return [...train.slice(0, first), ...of('validation'), ...train.slice(first), ...rest];
}
