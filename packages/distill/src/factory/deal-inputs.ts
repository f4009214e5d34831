/**
 * Deals inputs out to the splits before they are answered.
 *
 * Which split an input belongs to, which inputs are the same or nearly so and which share a conversation depends on
 * texts alone; so all of it can be settled before the teacher is asked, and nothing that arrives later can move an
 * example from one side to the other.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { Example } from '@kolben/store';
import { assignAtRandom, assignByTime, type Group } from '../datasets/assign-splits.ts';
import { SPLITS, type Split } from '../datasets/dataset.ts';
import { DisjointSets } from '../datasets/disjoint-sets.ts';
import { spansDays } from '../datasets/freeze-dataset.ts';
import { findNearDuplicates } from '../datasets/near-duplicates.ts';
import { normaliseText } from '../datasets/normalise.ts';
import { splitSizes } from '../datasets/split-sizes.ts';
import { inputText } from '../examples/input-text.ts';

export interface DealtInput {
  /** The first of the examples with this text that has an answer, else the first. */
  readonly example: Example;
  /** What the student reads. */
  readonly text: string;
  readonly split: Split;
}

export interface DealtInputs {
  /** One for each distinct text, in random order. */
  readonly inputs: readonly DealtInput[];
  /** The split of any text among the inputs. */
  splitOf(text: string): Split;
  /** All examples, those that repeat a text too. */
  readonly examples: readonly Example[];
}

interface Entry {
  /** Random, and a function of seed and text alone. */
  readonly lot: string;
  readonly text: string;
  readonly normal: string;
  example: Example;
  at: Date | undefined;
  /** The same number in entries that share a conversation, if through others. */
  readonly chat: number;
}

/** @throws the signal's reason once it is aborted, and whatever the source of examples throws */
export async function dealInputs(
  source: AsyncIterable<Example> | Iterable<Example>,
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal | undefined },
): Promise<DealtInputs> {
  const examples: Example[] = [];
  const found: Omit<Entry, 'chat'>[] = [];
  const chats = new DisjointSets();
  const byText = new Map<string, number>();
  const byConversation = new Map<string, number>();
  for await (const example of source) {
    signal?.throwIfAborted();
    examples.push(example);
    const text = inputText(example.messages);
    const normal = normaliseText(text);
    let index = byText.get(normal);
    if (index === undefined) {
      index = chats.add();
      byText.set(normal, index);
      const lot = createHash('sha256').update(`${seed}\n${normal}`).digest('hex');
      found.push({ lot, text, normal, example, at: example.at });
    } else {
      const entry = found[index]!;
      if (entry.example.answer === undefined && example.answer !== undefined) entry.example = example;
      if (entry.at && (!example.at || example.at < entry.at)) entry.at = example.at;
    }
    const { conversation } = example;
    if (conversation === undefined) continue;
    const other = byConversation.get(conversation);
    if (other === undefined) byConversation.set(conversation, index);
    else chats.union(other, index);
  }
  // In the order of their lots, so that nothing depends on the order in which they came.
  const entries: Entry[] = found
    .map((entry, index) => ({ ...entry, chat: chats.find(index) }))
    .sort((a, b) => (a.lot < b.lot ? -1 : 1));
  const groups = new DisjointSets();
  const firstOf = new Map<number, number>();
  for (const { chat } of entries) {
    const thing = groups.add();
    const first = firstOf.get(chat);
    if (first === undefined) firstOf.set(chat, thing);
    else groups.union(first, thing);
  }
  await findNearDuplicates(
    entries.map(({ normal }) => normal),
    (one, other) => groups.union(one, other),
    signal,
  );

  const members = new Map<number, number[]>();
  for (const index of entries.keys()) {
    const root = groups.find(index);
    members.set(root, [...(members.get(root) ?? []), index]);
  }
  const rows = [...members.values()].map(
    (indices): Group => ({
      size: indices.length,
      // Nobody knows the labels yet: to the dealer all are one.
      labels: [''],
      key: indices.map((index) => entries[index]!.lot).sort()[0]!,
      time: Math.min(...indices.map((index) => entries[index]!.at?.getTime() ?? Number.POSITIVE_INFINITY)),
    }),
  );
  const sizes = splitSizes(entries.length);
  const dealt = spansDays(entries) ? assignByTime(rows, sizes) : assignAtRandom(rows, sizes);
  const splits = new Map<string, Split>();
  [...members.values()].forEach((indices, row) => {
    for (const index of indices) splits.set(entries[index]!.normal, dealt[row]!);
  });
  const splitOf = (text: string): Split => {
    const split = splits.get(normaliseText(text));
    if (split === undefined) throw new RangeError('The text is none of the inputs.');
    return split;
  };
  return {
    examples,
    splitOf,
    inputs: entries.map(({ example, text, normal }) => ({ example, text, split: splits.get(normal)! })),
  };
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
