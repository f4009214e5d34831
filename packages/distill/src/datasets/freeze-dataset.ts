/**
 * Makes a dataset of examples: redacted, de-duplicated, contradictions settled, split, and never changed again.
 *
 * @module
 */
import type { Example } from '@kolben/store';
import { DEFAULT_COUNTRIES, REDACTION_VERSION, type RedactOptions, redactor } from '../redact/redact-text.ts';
import type { ChosenKind, DatasetKind } from './choose-kind.ts';
import { Inputs, UNPINNED } from './collect-inputs.ts';
import {
  type Dataset,
  type DatasetExample,
  type DatasetRedaction,
  mapSplits,
  SPLITS,
  type Split,
} from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import { dealPlaces } from './deal-places.ts';
import { digestOf, labelSet } from './digest.ts';
import { CHOSEN, DRAWN, ESCALATED } from './drawn.ts';
import { type Settled, STRAY, settleAnswers, softShares } from './settle-answers.ts';
import { type Decided, decideKind } from './settle-kind.ts';
import { splitSizes } from './split-sizes.ts';
import { assertUsable } from './usable.ts';
import { warningsOf } from './warnings.ts';

export interface FreezeDatasetOptions {
  /** Decides how the splits are drawn, and nothing else. */
  seed: number;
  /** Default: chosen from the answers (`chooseKind`). */
  kind?: DatasetKind;
  /** For `classify`, whether an answer is a list of labels. Default: chosen from the answers. */
  multiple?: boolean;
  /** Shares of the splits, adding up to 1; default: `splitSizes`. */
  fractions?: Record<Split, number>;
  /**
   * `'auto'` (the default) splits by time where every example has one and they span a day or more;
   * `'random'` never does.
   */
  splitBy?: 'auto' | 'random';
  /**
   * The split of each text, as the dataset has it, where splits were dealt out before there were answers. Neither shares
   * nor time nor a parent count then.
   */
  splitOf?: (text: string) => Split;
  /** Personal data is taken out of inputs and answers unless this is `false`; options of it otherwise. */
  redact?: boolean | RedactOptions;
  /**
   * The dataset of which this is the next version. Its examples stay in the splits that they are in, also those that
   * aren't given again, and what is nearly the same, or of the same conversation, joins them; the rest is dealt out.
   */
  parent?: Dataset;
  /**
   * Instead of a parent, where examples say themselves in which split of an earlier version their input is (`split`, as
   * recorded calls do): that version. They stay there; what is new is dealt out to what the splits lack.
   */
  follows?: FollowedDataset;
  /** The file or the task, to be named in errors. */
  source?: string;
  signal?: AbortSignal;
  /** Told now and then: examples read so far, later that texts are compared with each other. */
  onProgress?: (progress: FreezeProgress) => void;
}

/** What an earlier version of a dataset decides for the next one. */
export type FollowedDataset = Pick<Dataset, 'digest' | 'kind' | 'multiple' | 'splitBy'>;

export interface FreezeProgress {
  phase: 'read' | 'compare';
  /** Examples read. */
  done: number;
}

const CONFLICTS_SHOWN = 20;
const TURN = 4096;

/**
 * The same examples and seed give the same dataset, in whatever order the examples come. A million short ones take less
 * than a gigabyte.
 *
 * @throws DatasetError when no student could be made of them: none labelled, fewer than 50 distinct ones, one
 *   label only, or answers that are not of the kind that was asked for
 * @throws RedactionError when a pattern of one's own is none
 * @throws the signal's reason once it is aborted, and whatever the source of examples throws
 */
export async function freezeDataset(
  examples: AsyncIterable<Example> | Iterable<Example>,
  options: FreezeDatasetOptions,
): Promise<Dataset> {
  const { seed, fractions, splitBy = 'auto', redact = true, parent, source, signal, onProgress } = options;
  const before: FollowedDataset | undefined = parent ?? options.follows;
  const redactOptions: RedactOptions | undefined = redact === true ? {} : redact || undefined;
  if (parent) assertParent(parent, options, redactOptions !== undefined);
  const inputs = new Inputs(seed, redactOptions && redactor(redactOptions));
  for await (const example of examples) {
    signal?.throwIfAborted();
    inputs.add(example, options.follows !== undefined);
    if (inputs.counts.read % TURN === 0) onProgress?.({ phase: 'read', done: inputs.counts.read });
  }
  const given = inputs.size;
  let inherited = 0;
  if (parent) {
    for (const [pin, split] of SPLITS.entries()) {
      for (const example of parent.splits[split]) if (inputs.addParent(example, pin)) inherited++;
    }
  }
  if (given === 0) assertUsable(inputs.counts, new Int32Array(), source);
  const chosen = decideKind(inputs, { ...options, ...(before && kindOf(before)) });
  const settled = settleAnswers(
    inputs,
    inputs.takeOrder(),
    chosen.canonical,
    chosen.names,
    (index) => index >= given,
    CONFLICTS_SHOWN,
  );
  assertUsable(inputs.counts, settled.answers, source);

  onProgress?.({ phase: 'compare', done: inputs.counts.read });
  const { entries } = settled;
  const dealt = await dealPlaces(inputs, settled, chosen, {
    sizes: splitSizes(entries.length, fractions),
    byTime: splitBy === 'auto' && before?.splitBy !== 'random',
    signal,
  });
  const splits = mapSplits((): DatasetExample[] => []);
  const conversations = inputs.conversations();
  let drawn = 0;
  const chosenOnes = { taught: 0, joined: 0, leftOut: 0 };
  const escalated = { taught: 0, leftOut: 0 };
  const decided = { taught: 0, judging: 0, leftOut: 0 };
  for (let place = 0; place < entries.length; place++) {
    if (place % TURN === 0) signal?.throwIfAborted();
    const index = entries[place]!;
    const dealtTo = SPLITS[dealt.splitOf[place]!]!;
    // What was in the parent stays, whatever it turned out to be linked to.
    const pin = inputs.pin(index);
    const split = options.splitOf?.(inputs.texts[index]!) ?? (pin === UNPINNED ? dealtTo : SPLITS[pin]!);
    if (split !== dealtTo && pin !== UNPINNED) drawn++;
    if (inputs.isEscalated(index) && pin === UNPINNED) {
      // Linked to a call of the random sample that judges.
      if (split !== 'train') {
        escalated.leftOut++;
        continue;
      }
      escalated.taught++;
    } else if (inputs.isChosen(index) && pin === UNPINNED) {
      // Linked to an example by which the parent judges: it may neither judge nor be taught.
      if (split !== 'train') {
        chosenOnes.leftOut++;
        continue;
      }
      chosenOnes.taught++;
    } else if (dealt.besideChosen[place] === 1 && pin === UNPINNED && split === 'train') chosenOnes.joined++;
    const example = toExample(inputs, settled, chosen, place, conversations);
    const decision = inputs.decided(index);
    if (decision !== undefined && split !== 'train') decided.judging++;
    if (decision === undefined || split !== 'train') splits[split].push(example);
    else {
      const answer = decision === null ? STRAY : chosen.canonical[decision]!;
      if (answer === STRAY) decided.leftOut++;
      else {
        decided.taught++;
        const { soft: _, ...rest } = example;
        splits.train.push({ ...rest, answer: chosen.names[answer]! });
      }
    }
  }

  assertJudged(inputs, splits, source);
  const { kind, multiple } = chosen;
  const body: Omit<Dataset, 'digest' | 'warnings'> = {
    kind,
    multiple,
    seed,
    parent: before?.digest ?? null,
    labels: kind === 'classify' ? labelSet(splits.train, multiple) : [],
    source: source ?? null,
    redaction: redactOptions ? redactionOf(redactOptions, inputs.redactedKinds) : null,
    splits,
    splitBy: dealt.byTime ? 'time' : 'random',
    counts: {
      n: entries.length - chosenOnes.leftOut - escalated.leftOut - decided.leftOut,
      ...mapSplits((split) => splits[split].length),
      ...inputs.counts,
      strays: settled.strays,
      inherited,
      duplicatesRemoved: settled.duplicatesRemoved,
      contradicting: settled.contradicting,
      conflicts: settled.conflicts,
      nearDuplicates: dealt.nearDuplicates,
    },
    conflicts: settled.shown,
    selfAgreement: settled.selfAgreement,
  };
  return {
    digest: digestOf(body),
    ...body,
    warnings: warningsOf(body, {
      groups: dealt,
      inputs,
      canonical: chosen.canonical,
      names: chosen.names,
      parent,
      drawn,
      chosen: chosenOnes,
      escalated,
      decided,
    }),
  };
}

/** Chosen examples can't judge, so there must be others. */
function assertJudged(
  inputs: Inputs,
  splits: Record<Split, DatasetExample[]>,
  source: string | undefined,
): void {
  if (splits.calibration.length > 0 && splits.test.length > 0) return;
  if (inputs.hasEscalated)
    throw new DatasetError(
      'dataset_escalated',
      source,
      `nearly all calls are ones that a student left to the teacher ("${DRAWN}": "${ESCALATED}"), and only calls that the audit drew by lot, or of the routes teacher and shadow, can judge a student; raise the task's audit or wait for more`,
    );
  if (!inputs.hasChosen) return;
  throw new DatasetError(
    'dataset_chosen',
    source,
    `too few examples were drawn at random beside those that were chosen for what they teach ("${DRAWN}": "${CHOSEN}"), and only random ones can judge a student; add examples that nobody picked`,
  );
}

/** A parent decides what kind its next version is of. */
function kindOf({ kind, multiple }: ChosenKind): ChosenKind {
  return { kind, multiple };
}

function assertParent(parent: Dataset, options: FreezeDatasetOptions, redacting: boolean): void {
  const { kind = parent.kind, multiple = parent.multiple, source } = options;
  if (kind !== parent.kind || multiple !== parent.multiple) {
    throw new DatasetError(
      'dataset_parent',
      source,
      `the parent's answers are of the kind ${nameOf(parent)}, so those of its next version cannot be ${nameOf({ kind, multiple })}; leave out the parent or the kind`,
    );
  }
  if (parent.redaction !== null && !redacting) {
    throw new DatasetError(
      'dataset_parent',
      source,
      'the texts of the parent were redacted, so those of its next version must be too; leave out the parent or have them redacted',
    );
  }
}

function nameOf({ kind, multiple }: ChosenKind): string {
  return multiple ? `${kind} with several labels` : kind;
}

function toExample(
  inputs: Inputs,
  { entries, answers, counts }: Settled,
  { canonical, names }: Decided,
  place: number,
  conversations: ReadonlyMap<number, string[]>,
): DatasetExample {
  const index = entries[place]!;
  const example: DatasetExample = {
    text: inputs.texts[index]!,
    answer: names[answers[place]!]!,
    count: counts[place]!,
  };
  const time = inputs.time(index);
  if (!Number.isNaN(time)) example.at = new Date(time);
  const shares = softShares(inputs, index, canonical, names);
  if (shares) example.soft = shares;
  const said = conversations.get(index);
  if (said) example.conversations = said;
  return example;
}

function redactionOf(
  { countries = DEFAULT_COUNTRIES, patterns = [] }: RedactOptions,
  found: ReadonlyMap<string, number>,
): DatasetRedaction {
  return {
    version: REDACTION_VERSION,
    countries: [...countries],
    patterns: patterns.map(({ name, pattern }) =>
      typeof pattern === 'string'
        ? { name, source: pattern, flags: 'u' }
        : { name, source: pattern.source, flags: pattern.flags },
    ),
    found: Object.fromEntries([...found].sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}
