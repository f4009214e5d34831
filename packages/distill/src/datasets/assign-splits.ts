/**
 * Deals groups of examples out to the splits.
 *
 * What belongs together stays together. Within that, the shares are kept as evenly as whole groups allow, for
 * the whole and for each label: the groups, sorted by label and in random order within a label, are dealt one
 * after the other to the split that is furthest behind its share, so every stretch of the row, and with it
 * every label, is dealt out in nearly the right shares.
 *
 * @module
 */
import { SPLITS, type Split } from './dataset.ts';

export interface Group {
  /** Number of examples. */
  size: number;
  /** Its labels, each once, the commonest first. Not empty. */
  labels: readonly string[];
  /** The group's lot: distinct, and in random order. */
  key: string | number;
  /** The split that it is held to: there in the dataset's parent, or train for what was chosen to be taught. */
  pin?: Split;
  /** Whether any of it was chosen for what it teaches. */
  hasChosen?: boolean;
  /** When the group was first seen, in milliseconds; only for splitting by time. */
  time: number;
}

/**
 * At random. A group that alone has some label goes to train, and of each label at least one group does: what
 * was never taught can't be answered.
 */
export function assignAtRandom(groups: readonly Group[], sizes: Record<Split, number>): Split[] {
  const dealt = new Array<Split>(groups.length);
  const left = keepPins(groups, sizes, dealt);
  const withLabel = new Map<string, number>();
  for (const { labels } of groups) {
    for (const label of labels) withLabel.set(label, (withLabel.get(label) ?? 0) + 1);
  }
  const rest: number[] = [];
  groups.forEach(({ labels, size }, index) => {
    if (dealt[index] !== undefined) return;
    if (labels.some((label) => withLabel.get(label) === 1)) {
      dealt[index] = 'train';
      left.train -= size;
    } else {
      rest.push(index);
    }
  });
  deal(groups, rest, left, SPLITS, dealt);

  const taught = new Set<string>();
  const teach = (index: number) => {
    for (const label of groups[index]!.labels) taught.add(label);
  };
  groups.forEach((_, index) => {
    if (dealt[index] === 'train') teach(index);
  });
  for (const index of rest.sort((a, b) => compare(groups[a]!.key, groups[b]!.key))) {
    if (groups[index]!.labels.every((label) => taught.has(label))) continue;
    dealt[index] = 'train';
    teach(index);
  }
  return dealt;
}

/**
 * By time: the oldest groups are train, and the rest is dealt to the other splits at random, so that these are
 * drawn alike from the newest time, which is the best likeness of the time to come.
 */
export function assignByTime(groups: readonly Group[], sizes: Record<Split, number>): Split[] {
  const dealt = new Array<Split>(groups.length);
  const left = keepPins(groups, sizes, dealt);
  const byAge = groups
    .map((_, index) => index)
    .filter((index) => dealt[index] === undefined)
    .sort((a, b) => groups[a]!.time - groups[b]!.time || compare(groups[a]!.key, groups[b]!.key));
  let trained = 0;
  let oldest = 0;
  for (; oldest < byAge.length && trained < left.train; oldest++) {
    const index = byAge[oldest]!;
    dealt[index] = 'train';
    trained += groups[index]!.size;
  }
  deal(
    groups,
    byAge.slice(oldest),
    left,
    SPLITS.filter((split) => split !== 'train'),
    dealt,
  );
  return dealt;
}

/** Puts groups where they must be; returns what the splits still lack. */
function keepPins(
  groups: readonly Group[],
  sizes: Record<Split, number>,
  dealt: Split[],
): Record<Split, number> {
  const left = { ...sizes };
  groups.forEach(({ pin, size }, index) => {
    if (pin === undefined) return;
    dealt[index] = pin;
    left[pin] -= size;
  });
  return left;
}

/**
 * Deals these groups to these splits in the shares of `sizes`. No split gets more than its size; a group that
 * finds no room anywhere goes to train, where it is of use and spoils no figure.
 */
function deal(
  groups: readonly Group[],
  indices: readonly number[],
  sizes: Record<Split, number>,
  splits: readonly Split[],
  dealt: Split[],
): void {
  const row = [...indices].sort((a, b) => {
    const [one, other] = [groups[a]!, groups[b]!];
    return compare(one.labels[0]!, other.labels[0]!) || compare(one.key, other.key);
  });
  const room = new Map(splits.map((split) => [split, Math.max(0, sizes[split])]));
  // Single examples come after the groups, and even out what these left uneven.
  for (const turn of [row.filter((i) => groups[i]!.size > 1), row.filter((i) => groups[i]!.size === 1)]) {
    const whole = [...room.values()].reduce((sum, size) => sum + size, 0);
    const shares = new Map([...room].map(([split, size]) => [split, whole === 0 ? 0 : size / whole]));
    const given = new Map(splits.map((split) => [split, 0]));
    let passed = 0;
    for (const index of turn) {
      const { size } = groups[index]!;
      passed += size;
      let chosen: Split = 'train';
      let furthest = Number.NEGATIVE_INFINITY;
      for (const split of splits) {
        if (size > room.get(split)!) continue;
        const behind = shares.get(split)! * passed - given.get(split)!;
        if (behind <= furthest) continue;
        furthest = behind;
        chosen = split;
      }
      dealt[index] = chosen;
      given.set(chosen, (given.get(chosen) ?? 0) + size);
      room.set(chosen, Math.max(0, (room.get(chosen) ?? 0) - size));
    }
  }
}

/** Code unit order, the same on every machine. */
function compare<T extends string | number>(one: T, other: T): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
