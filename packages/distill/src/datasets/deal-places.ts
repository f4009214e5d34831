/**
 * Deals the examples of a dataset out to its splits: what is nearly the same and what is of one conversation together.
 *
 * All that is needed for it, an object to each group among it, can be let go before the examples are made; what remains
 * is a few bytes to each.
 *
 * @module
 */
import { assignAtRandom, assignByTime, type Group } from './assign-splits.ts';
import { labelsOf } from './choose-kind.ts';
import { type Inputs, UNPINNED } from './collect-inputs.ts';
import { SPLITS, type Split } from './dataset.ts';
import { DisjointSets } from './disjoint-sets.ts';
import { findNearDuplicates } from './near-duplicates.ts';
import { normaliseText } from './normalise.ts';
import type { Settled } from './settle-answers.ts';
import type { Decided } from './settle-kind.ts';

/** What warnings tell of the groups. */
export interface GroupFacts {
  /** Examples in the largest. */
  readonly largest: number;
  /** In how many groups each label occurs. */
  readonly groupsOf: ReadonlyMap<string, number>;
}

export interface Dealt extends GroupFacts {
  /** By place: the place in `SPLITS`. */
  readonly splitOf: Uint8Array;
  /** By place: 1 where something chosen is in its group. */
  readonly besideChosen: Uint8Array;
  readonly nearDuplicates: number;
  readonly byTime: boolean;
}

export interface DealPlacesOptions {
  readonly sizes: Record<Split, number>;
  /** Whether to split by time, if the times say something. */
  readonly byTime: boolean;
  readonly signal?: AbortSignal | undefined;
}

const DAY = 24 * 60 * 60 * 1000;

/** @throws the signal's reason once it is aborted */
export async function dealPlaces(
  inputs: Inputs,
  settled: Settled,
  decided: Decided,
  { sizes, byTime: wanted, signal }: DealPlacesOptions,
): Promise<Dealt> {
  const { entries } = settled;
  const groups = chatGroups(inputs, entries);
  const near = new Uint8Array(entries.length);
  await findNearDuplicates(
    entries.length,
    (place) => normaliseText(inputs.texts[entries[place]!]!),
    (one, other) => {
      near[one] = near[other] = 1;
      groups.union(one, other);
    },
    signal,
  );
  const byTime = wanted && spansDays(inputs, entries);
  const { rows, rowOf } = gather(inputs, settled, decided, groups, byTime);
  const dealt = byTime ? assignByTime(rows, sizes) : assignAtRandom(rows, sizes);
  const groupsOf = new Map<string, number>();
  for (const { labels } of rows)
    for (const label of labels) groupsOf.set(label, (groupsOf.get(label) ?? 0) + 1);
  return {
    splitOf: Uint8Array.from(rowOf, (row) => SPLITS.indexOf(dealt[row]!)),
    besideChosen: Uint8Array.from(rowOf, (row) => (rows[row]!.hasChosen ? 1 : 0)),
    nearDuplicates: near.reduce((sum, one) => sum + one, 0),
    byTime,
    largest: rows.reduce((most, { size }) => Math.max(most, size), 0),
    groupsOf,
  };
}

/** Sets of places, those of one conversation together. */
function chatGroups(inputs: Inputs, entries: Int32Array): DisjointSets {
  const groups = new DisjointSets();
  const firstOf = new Int32Array(inputs.size).fill(-1);
  for (const [place, index] of entries.entries()) {
    groups.add();
    const chat = inputs.chat(index);
    if (firstOf[chat] === -1) firstOf[chat] = place;
    else groups.union(firstOf[chat]!, place);
  }
  return groups;
}

/** The groups as what the dealing of splits needs to know of them, and for each place the number of its group. */
function gather(
  inputs: Inputs,
  { entries, answers }: Settled,
  { kind, multiple, names }: Decided,
  groups: DisjointSets,
  byTime: boolean,
): { rows: Group[]; rowOf: Int32Array } {
  // Answers that are no labels have nothing to be balanced by.
  const labelled = kind === 'classify';
  const labelLists = labelled ? names.map((name) => labelsOf(name, multiple)) : [];
  const none: readonly string[] = [''];
  const listOf = (place: number) => {
    const list = labelled ? labelLists[answers[place]!]! : none;
    return list.length === 0 ? none : list;
  };
  const rowOf = new Int32Array(entries.length);
  const rowOfRoot = new Int32Array(entries.length).fill(-1);
  const several = new Map<number, Map<string, number>>();
  const rows: Group[] = [];
  // What was escalated takes no part in the dealing, or the hard ones among the random sample would judge less often.
  const places = [...entries.keys()];
  const follows = (place: number) =>
    inputs.isEscalated(entries[place]!) && inputs.pin(entries[place]!) === UNPINNED;
  const dealtPlaces = inputs.hasEscalated ? places.filter((place) => !follows(place)) : places;
  for (const place of dealtPlaces) {
    const index = entries[place]!;
    const root = groups.find(place);
    const isChosen = inputs.isChosen(index);
    // What was chosen is taught, and whatever hangs together with it.
    const pin = Math.max(inputs.pin(index), isChosen ? SPLITS.indexOf('train') : UNPINNED);
    const time = byTime ? inputs.time(index) : 0;
    let row = rowOfRoot[root]!;
    if (row === -1) {
      row = rows.length;
      rowOfRoot[root] = row;
      const group: Group = { size: 1, labels: listOf(place), key: place, time };
      if (pin !== UNPINNED) group.pin = SPLITS[pin]!;
      rows.push(group);
    } else {
      const group = rows[row]!;
      let counts = several.get(row);
      if (counts === undefined) {
        counts = new Map(group.labels.map((label) => [label, 1]));
        several.set(row, counts);
      }
      for (const label of listOf(place)) counts.set(label, (counts.get(label) ?? 0) + 1);
      group.size++;
      group.time = Math.min(group.time, time);
      // Linked to two splits of the parent: what is new joins the one that judges more.
      if (pin > (group.pin === undefined ? UNPINNED : SPLITS.indexOf(group.pin))) group.pin = SPLITS[pin]!;
    }
    if (isChosen) rows[row]!.hasChosen = true;
    rowOf[place] = row;
  }
  const ownRows = rows.length;
  for (const place of inputs.hasEscalated ? places.filter(follows) : []) {
    const root = groups.find(place);
    let row = rowOfRoot[root]!;
    if (row === -1) {
      row = rowOfRoot[root] = rows.length;
      const time = byTime ? inputs.time(entries[place]!) : 0;
      rows.push({ size: 1, labels: listOf(place), key: place, time, pin: 'train' });
    } else if (row >= ownRows) rows[row]!.size++;
    rowOf[place] = row;
  }
  for (const [row, counts] of several) {
    rows[row]!.labels = [...counts]
      .sort(([one, n], [other, m]) => m - n || (one < other ? -1 : 1))
      .map(([label]) => label);
  }
  return { rows, rowOf };
}

/**
 * Whether all inputs have a time and the middle nine tenths of them span a day or more. Calls that were
 * replayed within minutes have times that say nothing, and may have come in the order of their labels.
 */
function spansDays(inputs: Inputs, entries: Int32Array): boolean {
  const times = Float64Array.from(entries, (index) => inputs.time(index)).sort();
  // NaN is sorted to the end.
  if (times.length === 0 || Number.isNaN(times.at(-1)!)) return false;
  const at = (share: number) => times[Math.floor(share * (times.length - 1))]!;
  return at(0.95) - at(0.05) >= DAY;
}
