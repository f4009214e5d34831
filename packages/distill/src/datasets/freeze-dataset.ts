/**
 * Makes a dataset of examples: de-duplicated, contradictions settled, split, and never changed again.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { Example } from '@kolben/store';
import { assignAtRandom, assignByTime, type Group } from './assign-splits.ts';
import { type Dataset, type DatasetExample, type DatasetKind, SPLITS, type Split } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import { DisjointSets } from './disjoint-sets.ts';
import { type Entry, mergeDuplicates } from './merge-duplicates.ts';
import { findNearDuplicates } from './near-duplicates.ts';
import { normaliseText } from './normalise.ts';
import { settleConflicts } from './settle-conflicts.ts';
import { splitSizes } from './split-sizes.ts';

export interface FreezeDatasetOptions {
  /** Decides how the splits are drawn, and nothing else. */
  seed: number;
  kind?: DatasetKind;
  /** Shares of the splits, adding up to 1; default: `splitSizes`. */
  fractions?: Record<Split, number>;
  /**
   * `'auto'` (the default) splits by time where every example has one and they span a day or more;
   * `'random'` never does.
   */
  splitBy?: 'auto' | 'random';
  /** The file or the task, to be named in errors. */
  source?: string;
  signal?: AbortSignal;
}

/** Fewer distinct labelled inputs than this make no dataset. */
export const MINIMUM_EXAMPLES = 50;
/** More different answers than this are no closed set of labels, … */
export const MAXIMUM_LABELS = 1000;
/** … and neither is it one when inputs are fewer than so many times the answers (beyond twenty answers). */
const INPUTS_PER_LABEL = 4;
const FREE_TEXT_FROM = 20;

const DAY = 24 * 60 * 60 * 1000;
const CONFLICTS_SHOWN = 20;
const NAMES_SHOWN = 5;

/**
 * The same examples and seed give the same dataset, in whatever order the examples come.
 *
 * @throws DatasetError when no student could be made of them: none labelled, fewer than 50 distinct ones, one
 *   label only, or so many different answers that they are no labels
 * @throws the signal's reason once it is aborted, and whatever the source of examples throws
 */
export async function freezeDataset(
  examples: AsyncIterable<Example> | Iterable<Example>,
  options: FreezeDatasetOptions,
): Promise<Dataset> {
  const { seed, kind = 'classify', fractions, splitBy = 'auto', source, signal } = options;
  const merged = await mergeDuplicates(examples, seed, signal);
  const settled = settleConflicts(merged.entries);
  const { entries, groups, answers } = keepAnswered(merged.entries, settled.answers);
  assertUsable(merged.read, merged.unlabelled, answers, kind, source);

  const near = new Set<number>();
  await findNearDuplicates(
    entries.map((entry) => normaliseText(entry.text)),
    (one, other) => {
      near.add(one).add(other);
      groups.union(one, other);
    },
    signal,
  );

  // Written answers are seldom the same, so no share of them can be kept to.
  const strata = kind === 'classify' ? answers : answers.map(() => '');
  const { members, rows } = gather(entries, strata, groups);
  const sizes = splitSizes(entries.length, fractions);
  const byTime = splitBy === 'auto' && spansDays(entries);
  const dealt = byTime ? assignByTime(rows, sizes) : assignAtRandom(rows, sizes);

  const places: Record<Split, number[]> = { train: [], validation: [], tune: [], calibration: [], test: [] };
  members.forEach((indices, row) => {
    places[dealt[row]!].push(...indices);
  });
  const splits = mapSplits((split) =>
    places[split]
      // Entries lie in the order of their keys, and so shall the examples of a split.
      .sort((a, b) => a - b)
      .map((index) => toExample(entries[index]!, answers[index]!)),
  );
  const labels =
    kind === 'classify' ? [...new Set(splits.train.map((example) => example.answer))].sort() : [];
  const dataset: Omit<Dataset, 'digest' | 'warnings'> = {
    kind,
    seed,
    labels,
    splits,
    splitBy: byTime ? 'time' : 'random',
    counts: {
      n: entries.length,
      ...mapSplits((split) => splits[split].length),
      read: merged.read,
      unlabelled: merged.unlabelled,
      duplicatesRemoved: settled.duplicatesRemoved,
      contradicting: settled.contradicting,
      conflicts: settled.conflicts.length,
      nearDuplicates: near.size,
    },
    conflicts: settled.conflicts.slice(0, CONFLICTS_SHOWN),
    selfAgreement: settled.selfAgreement,
  };
  return { digest: digestOf(dataset), ...dataset, warnings: warningsOf(dataset, rows) };
}

/** Leaves out the entries without an answer, and groups those of one conversation. */
function keepAnswered(
  entries: readonly Entry[],
  given: readonly (string | undefined)[],
): { entries: Entry[]; answers: string[]; groups: DisjointSets } {
  const kept: Entry[] = [];
  const answers: string[] = [];
  const groups = new DisjointSets();
  const firstOf = new Map<number, number>();
  for (const [index, entry] of entries.entries()) {
    const answer = given[index];
    if (answer === undefined) continue;
    kept.push(entry);
    answers.push(answer);
    const thing = groups.add();
    const first = firstOf.get(entry.chat);
    if (first === undefined) firstOf.set(entry.chat, thing);
    else groups.union(first, thing);
  }
  return { entries: kept, answers, groups };
}

function assertUsable(
  read: number,
  unlabelled: number,
  answers: readonly string[],
  kind: DatasetKind,
  source: string | undefined,
): void {
  const inputs = answers.length;
  if (read === unlabelled) {
    throw new DatasetError(
      'dataset_unlabelled',
      source,
      read === 0
        ? 'there are no examples; record calls of the task or name a file of examples'
        : `none of the ${read} examples has a teacher's answer to learn from; have the teacher answer them first`,
    );
  }
  const removed = read - unlabelled - inputs;
  if (inputs < MINIMUM_EXAMPLES) {
    throw new DatasetError(
      'dataset_too_small',
      source,
      `${inputs} distinct labelled examples${removed > 0 ? ` (${removed} more repeat or contradict them)` : ''} are too few; a student needs ${MINIMUM_EXAMPLES} at the least, and some hundreds to be certified, so record or label more`,
    );
  }
  if (kind !== 'classify') return;
  const labels = new Set(answers);
  if (labels.size === 1) {
    throw new DatasetError(
      'dataset_one_label',
      source,
      `all ${inputs} examples have the same answer, so there is nothing to tell apart; add examples with other answers`,
    );
  }
  const most = Math.min(MAXIMUM_LABELS, Math.max(FREE_TEXT_FROM, Math.floor(inputs / INPUTS_PER_LABEL)));
  if (labels.size > most) {
    throw new DatasetError(
      'dataset_free_text',
      source,
      `${labels.size} different answers to ${inputs} inputs look like free text, not like labels (at most ${most} here); have the teacher choose from a closed list and answer with the label alone`,
    );
  }
}

/** The groups as lists of entries, and as what the dealing of splits needs to know of them. */
function gather(
  entries: readonly Entry[],
  answers: readonly string[],
  groups: DisjointSets,
): { members: number[][]; rows: Group[] } {
  const byRoot = new Map<number, number[]>();
  for (let index = 0; index < entries.length; index++) {
    const root = groups.find(index);
    const list = byRoot.get(root);
    if (list === undefined) byRoot.set(root, [index]);
    else list.push(index);
  }
  const members = [...byRoot.values()];
  const rows = members.map((indices): Group => {
    const counts = new Map<string, number>();
    let [key, time] = ['', Number.POSITIVE_INFINITY];
    for (const index of indices) {
      const entry = entries[index]!;
      counts.set(answers[index]!, (counts.get(answers[index]!) ?? 0) + 1);
      if (key === '' || entry.key < key) key = entry.key;
      time = Math.min(time, entry.at?.getTime() ?? time);
    }
    const labels = [...counts]
      .sort(([one, n], [other, m]) => m - n || (one < other ? -1 : 1))
      .map(([label]) => label);
    return { size: indices.length, labels, key, time };
  });
  return { members, rows };
}

/**
 * Whether all inputs have a time and the middle nine tenths of them span a day or more. Calls that were
 * replayed within minutes have times that say nothing, and may have come in the order of their labels.
 */
function spansDays(entries: readonly Entry[]): boolean {
  const times: number[] = [];
  for (const { at } of entries) {
    if (at === undefined) return false;
    times.push(at.getTime());
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))]!;
  return at(0.95) - at(0.05) >= DAY;
}

function toExample(entry: Entry, answer: string): DatasetExample {
  const example: DatasetExample = { text: entry.text, answer, count: entry.answers.get(answer)! };
  if (entry.at !== undefined) example.at = entry.at;
  return example;
}

function mapSplits<T>(map: (split: Split) => T): Record<Split, T> {
  return {
    train: map('train'),
    validation: map('validation'),
    tune: map('tune'),
    calibration: map('calibration'),
    test: map('test'),
  };
}

/** Of every example's split, text, answer, count and time, in the dataset's own order. */
function digestOf({ kind, splits }: Pick<Dataset, 'kind' | 'splits'>): string {
  const hash = createHash('sha256').update(`${JSON.stringify(['kolben dataset 1', kind])}\n`);
  for (const split of SPLITS) {
    for (const { text, answer, count, at } of splits[split]) {
      hash.update(`${JSON.stringify([split, text, answer, count, at?.toISOString() ?? null])}\n`);
    }
  }
  return `sha256:${hash.digest('hex')}`;
}

function warningsOf(dataset: Omit<Dataset, 'digest' | 'warnings'>, groups: readonly Group[]): string[] {
  const { counts, conflicts, splits, labels, splitBy, kind } = dataset;
  const warnings: string[] = [];
  if (counts.unlabelled > 0) {
    warnings.push(`${counts.unlabelled} of ${counts.read} examples have no answer and were left out.`);
  }
  if (counts.conflicts > 0) {
    const [first] = conflicts;
    const named = first!.answers.map(({ answer, count }) => `${answer} (${count})`).join(', ');
    warnings.push(
      `${counts.conflicts} inputs were answered in different ways, for instance as ${named}; the majority's answer was kept, and where there was none the input was left out.`,
    );
  }
  const groupsOf = new Map<string, number>();
  for (const label of groups.flatMap((group) => group.labels)) {
    groupsOf.set(label, (groupsOf.get(label) ?? 0) + 1);
  }
  const lone = labels.filter((label) => groupsOf.get(label) === 1);
  if (lone.length > 0 && splitBy === 'random') {
    warnings.push(
      `${lone.length} labels occur only once (or only among near duplicates), so they are in train alone and no figure counts them: ${namesOf(lone)}.`,
    );
  }
  const known = new Set(labels);
  const untaught = SPLITS.flatMap((split) =>
    splits[split].filter((example) => kind === 'classify' && !known.has(example.answer)),
  );
  if (untaught.length > 0) {
    const names = [...new Set(untaught.map((example) => example.answer))].sort();
    warnings.push(
      `${names.length} labels occur only in newer examples than those of train, so the student cannot give them and disagrees in ${untaught.length} examples: ${namesOf(names)}.`,
    );
  }
  const largest = Math.max(...groups.map((group) => group.size));
  if (largest > counts.n / 10) {
    warnings.push(
      `${largest} of ${counts.n} examples hang together as near duplicates or through shared conversations and had to stay in one split.`,
    );
  }
  return warnings;
}

function namesOf(labels: readonly string[]): string {
  const shown = labels.slice(0, NAMES_SHOWN).join(', ');
  return labels.length > NAMES_SHOWN ? `${shown} and ${labels.length - NAMES_SHOWN} more` : shown;
}
