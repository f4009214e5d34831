/**
 * The whole factory at once: inputs are answered, spelt, trained on and measured as a stream, instead of one after the
 * other.
 *
 * What depends on texts alone (what is the same or nearly so, who belongs to which split, the vocabulary) is settled
 * while the teacher thinks about the first of them. Training begins with the first portion of answers and takes the
 * others in as they come; the answers that judge the student come last, while the training ends. Then everything is as
 * it would have been: the dataset is frozen, the confidence fitted on tune, the certificate asked for on calibration.
 *
 * @module
 */
import type { Chip } from '@kolben/engine';
import type { Drawn, Example } from '@kolben/store';
import { type AnswerShares, answerShares } from '../datasets/answer-shares.ts';
import { chooseKind } from '../datasets/choose-kind.ts';
import type { DatasetExample } from '../datasets/dataset.ts';
import { DRAWN } from '../datasets/drawn.ts';
import { freezeDataset } from '../datasets/freeze-dataset.ts';
import { normaliseAnswer } from '../datasets/normalise.ts';
import { type DistillStage, distillAlong } from '../distill.ts';
import type { DistillOptions } from '../distill-options.ts';
import type { DistillReport } from '../distill-report.ts';
import type { Labelled } from '../labelling/combine-votes.ts';
import { labelChosen } from '../labelling/label-chosen.ts';
import {
  isAsked,
  type LabelExamplesOptions,
  type LabelProgress,
  type LabelReport,
  labelExamples,
  labelFrom,
} from '../labelling/label-examples.ts';
import { ArrivalDesk } from '../students/arrivals.ts';
import { familyFor } from '../students/families.ts';
import type { StreamedModelOptions, TrainedModel } from '../students/family.ts';
import type { StudentTask } from '../students/task.ts';
import { teacherOf } from '../terms/count-teachers.ts';
import { askingOrder, type DealtInput, dealInputs } from './deal-inputs.ts';
import { LabelSlots, spareFor } from './label-slots.ts';

export interface FactoryOptions extends Omit<DistillOptions, 'examples'> {
  /** All of them are read before the first is asked. Those that have an answer are not asked. */
  readonly inputs: AsyncIterable<Example> | Iterable<Example>;
  /** Who answers, and under which cap. */
  readonly labelling: Omit<
    LabelExamplesOptions,
    'examples' | 'signal' | 'onOutcome' | 'onProgress' | 'drawn'
  >;
  /**
   * Labels only so many inputs: some by lot, the others those that teach most (`labelChosen`). Which these are hangs on
   * the answers before, so training comes after labelling. `seed` is that of the lot, not the student's.
   */
  readonly choose?: { readonly count: number; readonly seed: number } | undefined;
  readonly onLabelProgress?: (progress: LabelProgress & { readonly total: number }) => void;
}

export interface FactoryReport extends DistillReport {
  readonly labelling: LabelReport;
  /** With `choose`: how each input came to be asked, undefined for one that didn't. */
  readonly drawnOf?: ((example: Example) => Drawn | undefined) | undefined;
}

/** The share of the training split whose answers training begins with, and the fewest of them. */
const firstPortion = { share: 0.06, least: 256 };

/** A label came for which no place was kept. */
class LabelsOutgrown extends Error {}

/**
 * Labels and distils at once.
 *
 * A factory that is killed goes on from the answers in its work file. A training that took answers in as they came
 * begins anew; one that had all of them from the start goes on from its checkpoint, and so does any that is begun when
 * all are there (decision 0165).
 *
 * @throws what `distill` and `labelExamples` throw; nothing is written unless everything went well, and answers that
 *   were paid for stay in the work file
 */
export async function distillWhileLabelling(options: FactoryOptions): Promise<FactoryReport> {
  const { labelling, seed = 0 } = options;
  // Whatever ends one half ends the other.
  const ending = new AbortController();
  const end = () => ending.abort(options.signal!.reason);
  if (options.signal?.aborted) end();
  options.signal?.addEventListener('abort', end, { once: true });
  const { signal } = ending;
  let asking: Promise<LabelReport> | undefined;
  try {
    const report = await distillAlong({ ...options, signal }, async (stage) => {
      stage.onProgress({ phase: 'dataset' });
      // What the terms forbid is not paid for.
      stage.assertPermitted([{ ...teacherOf({ extra: { teacher: labelling.teacher } }), calls: 1 }]);
      if (options.choose) return chooseThenTrain(options, options.choose, stage, signal);
      const dealt = await dealInputs(options.inputs, {
        ...{ seed, source: options.source, redact: options.redact, signal },
      });
      const trainCount = dealt.inputs.filter(({ split }) => split === 'train').length;
      const first = Math.max(firstPortion.least, Math.ceil(firstPortion.share * trainCount));
      const order = askingOrder(dealt.inputs, { first, capped: labelling.budget !== undefined });
      const floor = new Floor(order, labelling.labels);
      const allThere = order.every(
        ({ example }) => example.answer !== undefined || isAsked(labelling.work, example, labelling),
      );
      asking = labelExamples({
        ...labelling,
        examples: order.map(({ example }) => example),
        signal,
        onOutcome: (example, outcome) =>
          'answer' in outcome ? floor.answer(example, outcome) : floor.goWithout(example),
        onProgress: (progress) => options.onLabelProgress?.({ ...progress, total: floor.open }),
      });
      asking.then(
        () => floor.close(),
        (error: unknown) => {
          floor.fail(error);
          ending.abort(error);
        },
      );
      // With nothing to wait for, an ordinary training is as fast, and keeps checkpoints.
      const [trained, chips] = allThere
        ? [undefined, await stage.startChips()]
        : await train(floor, first, stage, signal, options.kind);
      const report = await asking;
      stage.onProgress({ phase: 'dataset' });
      const dataset = await freezeDataset(
        stage.counting(answeredExamples(dealt.examples, floor, labelling.teacher)),
        {
          seed,
          kind: options.kind,
          source: options.source,
          redact: options.redact ?? true,
          splitOf: dealt.splitOf,
          signal,
        },
      );
      const described = stage.describe(dataset);
      // What the first answers looked like need not be what all of them do.
      const fits =
        trained &&
        isSingle(described.studentTask) &&
        dataset.labels.every((label) => floor.labels.has(label));
      const model = fits ? trained : await stage.train(dataset, described, chips);
      return { dataset, described, trained: model, chips, result: { labelling: report } };
    });
    const { result, ...rest } = report;
    return { ...rest, ...result };
  } catch (error) {
    ending.abort(error);
    // Answers under way are paid for; they are waited for and kept.
    await asking?.catch(() => {});
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', end);
  }
}

/** Labels first, since every choice hangs on the answers before it, and trains on the dataset that this makes. */
async function chooseThenTrain(
  { inputs, labelling, onLabelProgress, seed = 0, kind, source, redact = {} }: FactoryOptions,
  choose: { readonly count: number; readonly seed: number },
  stage: DistillStage,
  signal: AbortSignal,
) {
  const examples: Example[] = [];
  for await (const example of inputs) examples.push(example);
  const open = examples.filter(({ answer }) => answer === undefined).length;
  const { report, drawnOf } = await labelChosen({
    ...labelling,
    examples,
    ...{ choose: choose.count, seed: choose.seed, signal },
    onProgress: (progress) => onLabelProgress?.({ ...progress, total: Math.min(open, choose.count) }),
  });
  stage.onProgress({ phase: 'dataset' });
  const labelled = async function* (): AsyncGenerator<Example> {
    for (const example of examples) {
      const drawn = example.answer === undefined ? drawnOf(example) : undefined;
      const outcome = drawn && (await labelFrom(labelling.work, example, labelling));
      if (example.answer !== undefined) yield example;
      else if (outcome && 'answer' in outcome)
        yield withAnswer(example, outcome, { teacher: labelling.teacher, [DRAWN]: drawn });
    }
  };
  const dataset = await freezeDataset(stage.counting(labelled()), {
    ...{ seed, kind, source, redact, signal },
  });
  const described = stage.describe(dataset);
  const chips = await stage.startChips();
  const trained = await stage.train(dataset, described, chips);
  return { dataset, described, trained, chips, result: { labelling: report, drawnOf } };
}

function withAnswer(
  example: Example,
  { answer, votes, shares }: Labelled,
  told: Readonly<Record<string, unknown>>,
): Example {
  const extra = { ...example.extra, ...told, ...(votes && { votes }), ...(shares && { shares }) };
  return { ...example, answer, extra };
}

/**
 * The examples that came with an answer, and those that were asked. Of inputs that are the same one was asked; the
 * others are left out, for its answer is no second opinion.
 */
function* answeredExamples(examples: readonly Example[], floor: Floor, teacher: string): Generator<Example> {
  for (const example of examples) {
    if (example.answer !== undefined) yield example;
    const given = example.answer === undefined ? floor.answerTo(example) : undefined;
    if (given !== undefined) yield withAnswer(example, given, { teacher });
  }
}

function isSingle(task: StudentTask): boolean {
  return task.kind === 'classify' && !task.multiple;
}

/** @returns no model where none can be trained before all answers are there */
async function train(
  floor: Floor,
  first: number,
  stage: DistillStage,
  signal: AbortSignal,
  kind: DistillOptions['kind'],
): Promise<[TrainedModel | undefined, readonly Chip[]]> {
  const family = familyFor('classify');
  const chips = await stage.startChips();
  await floor.has(first);
  // Not labels, too few, or all the same: whoever freezes the dataset knows what to do, or has the right words.
  const found = chooseKind(floor.answerCounts(), floor.train.length);
  if (
    !family.trainStreamed ||
    (kind ?? found.kind) !== 'classify' ||
    found.multiple ||
    floor.labels.size < 2 ||
    (floor.desk.closed && floor.desk.arrived.length < first)
  )
    return [undefined, chips];
  for (let spare = floor.isClosedSet ? 0 : spareFor(floor.labels.size); ; spare *= 2) {
    const slots = new LabelSlots(floor.labels, spare);
    const desk = floor.begin(slots);
    stage.onProgress({ phase: 'prepare' });
    const options: StreamedModelOptions = {
      task: { name: stage.task, kind: 'classify', labels: slots.names, multiple: false },
      train: floor.train,
      validation: floor.validation,
      arrivals: desk,
      chips,
      seed: stage.seed,
      timeBudget: stage.timeBudget,
      memoryLimit: stage.memoryLimit,
      timelineSteps: stage.timelineSteps,
      signal,
      listener: stage.listener,
      onProgress: ({ step, steps, loss }) =>
        stage.onProgress({ phase: 'train', done: step, total: steps, loss }),
    };
    try {
      return [await family.trainStreamed(options), chips];
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof LabelsOutgrown)) throw error;
      // There are more kinds of answers than the first ones let expect: training begins again with all that are known.
    }
  }
}

/** Where answers come in and training takes them from. */
class Floor {
  readonly train: DatasetExample[] = [];
  readonly validation: DatasetExample[] = [];
  /** Inputs that have to be asked. */
  readonly open: number;
  readonly labels: Set<string>;
  /** Whether the labels were told, and no others are let in. */
  readonly isClosedSet: boolean;
  desk = new ArrivalDesk();
  #slots: LabelSlots | undefined;
  /** What the teacher said to those that were asked. */
  readonly #given = new Map<Example, Labelled>();
  readonly #places = new Map<
    Example,
    { readonly into: DatasetExample; readonly train: number | undefined }
  >();
  /** Training examples that have an answer, or will have none. */
  #settled = 0;

  constructor(order: readonly DealtInput[], labels: readonly string[] | undefined) {
    this.labels = new Set(labels?.map(normaliseAnswer));
    this.isClosedSet = labels !== undefined;
    this.open = order.filter(({ example }) => example.answer === undefined).length;
    for (const { example, text, split } of order) {
      const into: DatasetExample = { text, answer: '', count: 1 };
      const train = split === 'train' ? this.train.push(into) - 1 : undefined;
      if (split === 'validation') this.validation.push(into);
      this.#places.set(example, { into, train });
    }
    for (const { example } of order)
      if (example.answer !== undefined)
        this.#take(example, normaliseAnswer(example.answer), answerShares(example.extra));
  }

  answer(example: Example, given: Labelled): void {
    this.#given.set(example, given);
    this.#take(example, given.answer, answerShares({ votes: given.votes, shares: given.shares }));
  }

  #take(example: Example, answer: string, told: AnswerShares | undefined): void {
    const { into, train } = this.#places.get(example)!;
    into.answer = answer;
    if (told) into.soft = Object.fromEntries(told.shares);
    if (train === undefined) return;
    this.labels.add(answer);
    if (this.#slots && !this.#slots.take(answer)) this.desk.fail(new LabelsOutgrown());
    else this.desk.add(train);
    this.#settle();
  }

  /** The teacher gave no usable answer to this one. */
  goWithout(example: Example): void {
    if (this.#places.get(example)!.train !== undefined) this.#settle();
  }

  /** What the teacher said to this example, if it was asked and gave an answer. */
  answerTo(example: Example): Labelled | undefined {
    return this.#given.get(example);
  }

  /** The answers so far to training examples, and how often each was given. */
  answerCounts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { answer } of this.train) if (answer !== '') counts.set(answer, (counts.get(answer) ?? 0) + 1);
    return counts;
  }

  close(): void {
    this.desk.close();
  }

  /** The answers that training waits for are no more than those to training examples. */
  #settle(): void {
    if (++this.#settled === this.train.length) this.desk.close();
  }

  fail(error: unknown): void {
    this.desk.fail(error);
  }

  /** Resolves when so many training examples have their answers, or no more will come. */
  async has(count: number): Promise<void> {
    while (!this.desk.closed && this.desk.arrived.length < count) await this.desk.changed();
  }

  /** For a training that begins now: a desk with what has come so far. */
  begin(slots: LabelSlots): ArrivalDesk {
    const { closed } = this.desk;
    this.desk = new ArrivalDesk();
    this.#slots = slots;
    this.train.forEach(({ answer }, index) => {
      if (answer !== '') this.desk.add(index);
    });
    if (closed) this.desk.close();
    return this.desk;
  }
}
