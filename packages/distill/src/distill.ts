/**
 * The main act: examples in, a certified student out.
 *
 * Reads and freezes a dataset, trains a student on its training split over the chips, fits its temperature on
 * tune, asks for a certificate with calibration, measures it on test beside the baselines, writes the folder.
 *
 * @module
 */
import { availableParallelism, cpus } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import {
  type Chip,
  costsOf,
  idleShare,
  KolbenError,
  nn,
  paddingShare,
  simulate,
  startChip,
  type Timeline,
} from '@kolben/engine';
import type { Example } from '@kolben/store';
import type { FetchBaseOptions } from './base/fetch-base.ts';
import { openBase } from './base/open-base.ts';
import { majorityLabel } from './baselines/majority.ts';
import { ngramLinearPredictions } from './baselines/ngram-linear-predictions.ts';
import type { Certificate, ScoredAnswer, WalkStep } from './certificates/certificate.ts';
import { certify } from './certificates/certify.ts';
import { shareInterval } from './certificates/upper-bound.ts';
import type { Conflict, Dataset, DatasetCounts, DatasetExample } from './datasets/dataset.ts';
import { freezeDataset } from './datasets/freeze-dataset.ts';
import { spanOf } from './datasets/span-of.ts';
import { type Equality, equalityFacts } from './equality/equality.ts';
import { referenceOf } from './evaluation/drift.ts';
import type { JsonObject } from './extract/json.ts';
import { prepareExtraction } from './extract/prepare-extraction.ts';
import { answersEqual, equalityName } from './students/answers-equal.ts';
import { familyFor, familyOn } from './students/families.ts';
import type { Family, ModelFiles, RawAnswer, TrainedModel } from './students/family.ts';
import { doubtAmbiguous, type StudentRedaction } from './students/redacted.ts';
import { checkWritable, writeStudentFolder } from './students/student-folder.ts';
import { taggerRecipe } from './students/tagger/recipe.ts';
import type { ExtractTask, GenerateTask, StudentTask, TaskKind } from './students/task.ts';
import { openLocalTeacher } from './teachers/local-teacher.ts';
import {
  assertPermitted,
  type CheckTermsOptions,
  checkTerms,
  type TeacherCalls,
  termsWarnings,
} from './terms/check-terms.ts';
import { knownTeachers, TeacherCount, teacherNames } from './terms/count-teachers.ts';
import type { Distribution } from './terms/terms-schema.ts';
import { version } from './version.ts';

export interface DistillOptions {
  /** Examples of which a dataset is made, or a dataset that is frozen already. */
  readonly examples: AsyncIterable<Example> | Iterable<Example> | Dataset;
  /** The student folder to be written. */
  readonly out: string;
  /** The task's name. Default `task`. */
  readonly task?: string;
  /**
   * Default: chosen from the answers: JSON objects are extracted, a closed list of labels is classified, other texts are
   * written.
   */
  readonly kind?: TaskKind;
  /**
   * JSON Schema that answers keep to. Default: of `extract` it is inferred from them, and what `generate` writes is free.
   */
  readonly schema?: JsonObject | undefined;
  /** For `generate`: when two answers count as the same, what the certificate is about. Default `normalised`. */
  readonly equality?: Equality;
  /**
   * For `generate`: the folder of a decoder in Hugging Face's layout, which teaches its distribution beside the answers;
   * the student gets its tokenizer. Default: none.
   */
  readonly teacherLogits?: string;
  /** Largest share of disagreement to be certified, in (0, 1). Default 0.05. */
  readonly alpha?: number;
  /** Largest probability that the certificate is false, in (0, 1). Default 0.05. */
  readonly delta?: number;
  /** Chips to train on, 1 to 4. Default: 2, or 1 on a machine with one core. */
  readonly chips?: number;
  /** Bytes that each chip may use; a student that needs more on one chip is cut into stages. Default: no limit. */
  readonly memoryLimit?: number | undefined;
  /** Default 0. The same examples and seed give the same student on any number of chips, unless time runs out. */
  readonly seed?: number;
  /** Seconds that training may take. Default 300. */
  readonly timeBudget?: number;
  /** What the examples are called in errors and in the lineage: a file, or `calls of task …`. */
  readonly source?: string;
  /** Who gave the answers, as `provider/model`, where the examples themselves don't tell. */
  readonly teachers?: readonly string[];
  /** The terms of providers, by the names that the examples carry; of others nothing is known. */
  readonly providers?: CheckTermsOptions['providers'];
  /** Whom the student is for. Default `internal`. */
  readonly distribution?: Distribution;
  /** The digest of the student that this one follows. */
  readonly parent?: string;
  /** For the model card: what the student is for, and whom to ask about it. */
  readonly purpose?: string;
  readonly contact?: string;
  /**
   * Beginning of the names of files that keep the training's state until the student is written: the same call goes on
   * from them when its process has died. Default: hidden files beside `out`.
   */
  readonly work?: string;
  /**
   * An open model that the student stands on: a folder in Hugging Face's layout, or the id of a model on the hub, which
   * is fetched unless it is here already. Default: the student is trained from nothing.
   */
  readonly base?: string;
  /** Trains adapters of low rank instead of all of the base, and merges them at the end. */
  readonly lowRank?: nn.LowRank;
  /** Where bases from the hub are kept, and which hub that is. */
  readonly fetchBase?: Pick<FetchBaseOptions, 'cache' | 'hubUrl' | 'token'>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DistillProgress) => void;
}

/** A task without its name. */
export type NamelessTask = WithoutName<StudentTask>;
type WithoutName<Task> = Task extends unknown ? Omit<Task, 'name'> : never;

export interface DistillProgress {
  readonly phase: 'base' | 'dataset' | 'prepare' | 'train' | 'certify' | 'write';
  /** For `train`: steps. For `base`: bytes. */
  readonly done?: number;
  readonly total?: number;
  readonly loss?: number;
  /** For people: what the phase found. */
  readonly note?: string;
}

/** What `kolben distill --json` prints, and what a report shows beside it. */
export interface DistillReport {
  readonly student: string;
  readonly task: NamelessTask;
  readonly dataset: DatasetCounts & { readonly digest: string };
  readonly training: {
    /** Wall time of the steps; of an interrupted training without the time in which no process was at work. */
    readonly seconds: number;
    /** Words or tokens read in all steps. */
    readonly tokens: number;
    /** The same in a second. What fills up short texts doesn't count. */
    readonly tokensPerSecond: number;
    /** Share of the computed positions of words that only fill up short texts, 0 to 1. */
    readonly paddingShare: number;
    readonly steps: number;
    /** The step from which an interrupted training went on; 0 if there was none. */
    readonly resumedAt: number;
    readonly chips: number;
    readonly schedule: string;
    /** Why the planner chose it, in a sentence. */
    readonly reason: string;
    /** Share of the chips' time in which they wait, over the latest steps; as planned where no step was left to do. */
    readonly bubble: number;
  };
  readonly test: { readonly n: number; readonly agreement: number };
  /** Agreement on the test split. */
  readonly baselines: {
    readonly majority: number;
    /** Null where answers aren't single labels. */
    readonly ngramLinear: number | null;
  };
  readonly certificate: Certificate | null;
  /** Why there is no certificate. */
  readonly reason?: string;
  readonly warnings: readonly string[];
  readonly details: DistillDetails;
}

export interface DistillDetails {
  readonly digest: string;
  readonly seed: number;
  readonly losses: readonly number[];
  readonly validation: readonly {
    readonly step: number;
    readonly loss: number;
    readonly agreement: number;
  }[];
  /**
   * The latest steps as they ran, and as the simulator times them from the same costs. Undefined where an interrupted
   * training had no step left to do.
   */
  readonly timeline: { readonly real: Timeline; readonly simulated: Timeline } | undefined;
  readonly stages: readonly (readonly string[])[];
  readonly testInterval: readonly [number, number];
  /** Test examples by teacher's label (rows) and student's (columns); null where answers aren't single labels. */
  readonly confusion: readonly (readonly number[])[] | null;
  readonly walk: readonly WalkStep[];
  readonly conflicts: readonly Conflict[];
  readonly selfAgreement: { readonly inputs: number; readonly agreement: number } | null;
}

export class DistillError extends KolbenError {}

function resumedWarning(step: number): string[] {
  return step === 0 ? [] : [`Training went on from step ${step} of an earlier process that was interrupted.`];
}

function workBeside(out: string): string {
  const folder = resolve(out);
  return join(dirname(folder), `.${basename(folder)}.training`);
}

/** Steps whose timeline is kept. */
const timelineSteps = 4;

/**
 * Trains and certifies a student on examples that have answers.
 *
 * @throws KolbenError for whatever the user can mend: examples, options, the folder; the signal's reason when
 * aborted. Nothing is written unless everything went well.
 */
export async function distill(options: DistillOptions): Promise<DistillReport> {
  const { result: _, ...report } = await distillAlong(options, async (stage) => {
    stage.onProgress({ phase: 'dataset' });
    const { seed, signal } = stage;
    const { kind, source } = options;
    const { examples } = options;
    const dataset =
      'splits' in examples
        ? examples
        : await freezeDataset(stage.counting(examples), { seed, kind, source, signal });
    const described = stage.describe(dataset);
    stage.onProgress({ phase: 'dataset', note: datasetNote(described.studentTask, dataset.counts) });
    const chips = await stage.startChips();
    return {
      dataset,
      described,
      trained: await stage.train(dataset, described, chips),
      chips,
      result: undefined,
    };
  });
  return report;
}

/** What a way to a trained model is given. */
export interface DistillStage {
  readonly seed: number;
  readonly timeBudget: number;
  readonly task: string;
  readonly memoryLimit?: number | undefined;
  readonly timelineSteps: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (progress: DistillProgress) => void;
  /** Starts the chips; they are closed when everything is done. */
  startChips(): Promise<readonly Chip[]>;
  /** Notes on the way who answered. */
  counting(examples: AsyncIterable<Example> | Iterable<Example>): AsyncIterable<Example>;
  /** The task that a dataset describes, if the terms of those who answered permit a student for it. */
  describe(dataset: Dataset): DescribedTask;
  /** @throws TermsError where they don't, as far as it can be known before there is a dataset */
  assertPermitted(teachers: readonly TeacherCalls[]): void;
  /** Trains on a dataset that is complete. */
  train(dataset: Dataset, described: DescribedTask, chips: readonly Chip[]): Promise<TrainedModel>;
}

/** The task that a dataset describes, who answered, and what their terms say. */
export type DescribedTask = ReturnType<typeof taskOf> & {
  readonly teachers: TeacherCalls[];
  readonly terms: ReturnType<typeof checkTerms>;
};

function termsOf(
  teachers: readonly TeacherCalls[],
  kind: StudentTask['kind'],
  { distribution = 'internal', providers = {} }: Pick<DistillOptions, 'distribution' | 'providers'>,
): ReturnType<typeof checkTerms> {
  return checkTerms({ teachers, kind, distribution, providers });
}

/** Where it leads. */
export interface DistillHalfway<Result> {
  readonly dataset: Dataset;
  readonly described: DescribedTask;
  readonly trained: TrainedModel;
  readonly chips: readonly Chip[];
  /** Whatever else it has to report. */
  readonly result: Result;
}

/** Distils, whatever way leads to the dataset and the model trained on it; from there on all ways are one. */
export async function distillAlong<Result>(
  options: Omit<DistillOptions, 'examples'>,
  way: (stage: DistillStage) => Promise<DistillHalfway<Result>>,
): Promise<DistillReport & { readonly result: Result }> {
  const { out, signal, onProgress = () => {} } = options;
  const { alpha = 0.05, delta = 0.05, seed = 0, timeBudget = 300, task = 'task', equality } = options;
  const chipCount = options.chips ?? Math.min(2, availableParallelism());
  checkOptions({ alpha, delta, seed, timeBudget, chips: chipCount });
  checkBaseOptions(options);
  await checkWritable(out);

  if (options.base !== undefined) onProgress({ phase: 'base' });
  const base =
    options.base === undefined
      ? undefined
      : await openBase(options.base, {
          ...options.fetchBase,
          signal,
          onProgress: ({ done, total }) => onProgress({ phase: 'base', done, total }),
        });
  const familyOf = (kind: StudentTask['kind']) => (base ? familyOn(base, kind) : familyFor(kind));

  const origin = new TeacherCount();
  let started: Chip[] = [];
  try {
    const { dataset, described, trained, chips, result } = await way({
      seed,
      timeBudget,
      task,
      memoryLimit: options.memoryLimit,
      timelineSteps,
      signal,
      onProgress,
      async startChips() {
        started = await Promise.all(Array.from({ length: chipCount }, (_, i) => startChip(i)));
        return started;
      },
      counting: (examples) => origin.counting(examples),
      describe(complete) {
        const described = taskOf(task, complete, options);
        const teachers = knownTeachers(origin.teachers, options.teachers);
        const terms = termsOf(teachers, described.studentTask.kind, options);
        assertPermitted(terms);
        return { ...described, teachers, terms };
      },
      assertPermitted: (teachers) => assertPermitted(termsOf(teachers, options.kind ?? 'classify', options)),
      async train(complete, { studentTask }, chips) {
        onProgress({ phase: 'prepare' });
        const family = await familyOf(studentTask.kind);
        const teacher =
          options.teacherLogits === undefined
            ? undefined
            : await openLocalTeacher(options.teacherLogits, chips);
        const trained = await family.train({
          task: studentTask,
          train: complete.splits.train,
          validation: complete.splits.validation,
          equality,
          teacher,
          chips,
          seed,
          timeBudget,
          memoryLimit: options.memoryLimit,
          timelineSteps,
          work: {
            prefix: options.work ?? workBeside(out),
            of: { dataset: complete.digest, task: studentTask, teacher: teacher?.name, seed, version },
          },
          base: base && { ...base, lowRank: options.lowRank },
          signal,
          onProgress: ({ step, steps, loss }) =>
            onProgress({ phase: 'train', done: step, total: steps, loss }),
        });
        await teacher?.release();
        return trained;
      },
    });
    const { splits, counts } = dataset;
    const { studentTask, warnings, teachers, terms } = described;
    const span = spanOf(dataset);
    const family = await familyOf(studentTask.kind);
    signal?.throwIfAborted();
    const { facts } = trained;
    const { run } = facts;

    onProgress({ phase: 'certify' });
    const baselinePredictions = linearPredictions(studentTask, splits, seed, signal);
    // An abort may reject it before anybody waits for it.
    baselinePredictions.catch(() => {});

    const files = await trained.files(splits.tune, signal, studentTask);
    // The very model that will answer gives the scores, so that thresholds mean the same in service.
    const scored = [...splits.tune, ...splits.calibration, ...splits.test];
    const { given, unknownWords } = await answersOf(
      family,
      files,
      studentTask,
      scored,
      chips,
      out,
      splits.test,
      dataset.redaction !== null,
    );
    const answers = given.map(
      ({ answer, confidence }, i): ScoredAnswer => ({
        score: confidence,
        correct: answersEqual(studentTask, scored[i].answer, answer, equality),
      }),
    );
    const calibrationStart = splits.tune.length;
    const testStart = calibrationStart + splits.calibration.length;
    const certified = certify({
      tune: answers.slice(0, calibrationStart),
      calibration: answers.slice(calibrationStart, testStart),
      alpha,
      delta,
      calls: counts.n,
    });

    const agreed = answers.slice(testStart).filter(({ correct }) => correct).length;
    const predictions = await baselinePredictions;
    const majority = majorityLabel(splits.train.map((example) => example.answer));
    const share = (test: (example: DatasetExample, i: number) => boolean) =>
      splits.test.length === 0 ? 0 : splits.test.filter(test).length / splits.test.length;

    const report: Omit<DistillReport, 'details'> = {
      student: out,
      task: withoutName(studentTask),
      dataset: { ...counts, digest: dataset.digest },
      training: {
        seconds: run.seconds,
        tokens: facts.tokens,
        tokensPerSecond: facts.tokens / run.seconds,
        paddingShare: paddingShare(facts.tokens, facts.positions),
        steps: facts.steps,
        chips: facts.schedule.chips.length,
        schedule: facts.schedule.name,
        reason: facts.reason,
        resumedAt: facts.resumedAt,
        bubble: run.timeline.spans.length > 0 ? idleShare(run.timeline) : facts.plannedBubble,
      },
      test: { n: splits.test.length, agreement: splits.test.length === 0 ? 0 : agreed / splits.test.length },
      baselines: {
        majority: share((example) => answersEqual(studentTask, example.answer, majority, equality)),
        ngramLinear: predictions === null ? null : share((example, i) => example.answer === predictions[i]),
      },
      certificate: certified.certificate,
      ...(certified.certificate === null ? { reason: certified.reason } : {}),
      warnings: [
        ...dataset.warnings,
        ...termsWarnings(terms),
        ...warnings,
        ...resumedWarning(facts.resumedAt),
        ...budgetWarning(facts.epochs, facts.epochsWanted, timeBudget),
      ],
    };

    onProgress({ phase: 'write' });
    signal?.throwIfAborted();
    const { digest } = await writeStudentFolder(
      out,
      {
        family: family.name,
        task: studentTask,
        redaction: redactionOf(dataset),
        files,
        certificate: report.certificate,
        ...(report.reason === undefined ? {} : { reason: report.reason }),
        lineage: {
          kolben: version,
          created: new Date().toISOString(),
          source: options.source ?? null,
          teachers: teacherNames(teachers),
          answers: teachers.map((teacher) => ({ ...teacher })),
          terms: { ...terms, providers: terms.providers.map((provider) => ({ ...provider })) },
          ...(options.parent === undefined ? {} : { parent: options.parent }),
          ...(options.purpose === undefined ? {} : { purpose: options.purpose }),
          ...(options.contact === undefined ? {} : { contact: options.contact }),
          ...(span && { span }),
          dataset: { digest: dataset.digest, splitBy: dataset.splitBy, ...counts },
          recipe: facts.recipe,
          ...(studentTask.kind === 'generate'
            ? { equality: equalityFacts(equality ?? defaultEquality) }
            : {}),
          ...(base && { base: { ...base.lineage } }),
          seed,
          machine: {
            cpu: cpus()[0]?.model ?? 'unknown',
            cores: availableParallelism(),
            node: process.versions.node,
          },
        },
        measurements: {
          test: report.test,
          baselines: report.baselines,
          training: report.training,
          reference: referenceOf(given.slice(testStart), unknownWords, studentTask.kind === 'classify'),
        },
      },
      family.card(files, studentTask),
      { signal },
    );
    await trained.finish();

    return {
      ...report,
      result,
      details: {
        digest,
        seed,
        losses: run.losses,
        validation: facts.validation,
        timeline:
          run.timeline.spans.length > 0
            ? {
                real: run.timeline,
                simulated: simulate(facts.schedule, costsOf(run.timeline), { steps: timelineSteps }),
              }
            : undefined,
        stages: facts.stages,
        testInterval: shareInterval(agreed, splits.test.length),
        confusion: confusionOf(
          studentTask,
          splits.test,
          given.slice(testStart).map(({ answer }) => answer),
        ),
        walk: certified.walk,
        conflicts: dataset.conflicts,
        selfAgreement: dataset.selfAgreement,
      },
    };
  } finally {
    await Promise.all(started.map((chip) => chip.close()));
  }
}

type WrittenOptions = Pick<DistillOptions, 'schema' | 'equality' | 'teacherLogits'>;

const defaultEquality: Equality = 'normalised';

/**
 * The task that a dataset describes, and what the user should know of it.
 *
 * @throws ExtractError where the answers are not those of an extraction or of its schema
 */
export function taskOf(
  name: string,
  { kind, labels, multiple, splits }: Dataset,
  { schema, equality = defaultEquality, teacherLogits, equality: given }: WrittenOptions,
): { studentTask: StudentTask; warnings: readonly string[] } {
  const foreign =
    schema !== undefined && kind === 'classify'
      ? 'A schema'
      : given !== undefined && kind !== 'generate'
        ? 'An equality'
        : teacherLogits !== undefined && kind !== 'generate'
          ? 'A teacher of distributions'
          : undefined;
  if (foreign)
    throw new DistillError(
      'distill_option',
      `${foreign} was given, and the answers are to ${kind}; leave it out, or give --kind ${foreign === 'A schema' ? 'extract or generate' : 'generate'}.`,
    );
  if (kind === 'classify') return { studentTask: { name, kind, labels, multiple }, warnings: [] };
  // A plain copy: what JSON holds, and nothing else.
  const plain = (value: JsonObject) => JSON.parse(JSON.stringify(value)) as ExtractTask['schema'];
  if (kind === 'generate') {
    const task: GenerateTask = { name, kind, equality: equalityName(equality) };
    return {
      studentTask: schema === undefined ? task : { ...task, schema: plain(schema) },
      warnings: [],
    };
  }
  const { maxWords, byteLimit } = taggerRecipe;
  const extraction = prepareExtraction(splits.train, { schema, maxWords, byteLimit });
  return { studentTask: { name, kind, schema: plain(extraction.schema) }, warnings: extraction.warnings };
}

function withoutName({ name: _name, ...task }: StudentTask): NamelessTask {
  return task;
}

function datasetNote(task: StudentTask, { n }: DatasetCounts): string {
  const examples = `${n.toLocaleString('en')} examples`;
  return task.kind === 'classify' ? `${examples} of ${task.labels.length} labels` : examples;
}

/** How a student's texts are to be redacted: as its dataset's were. */
function redactionOf({ redaction }: Dataset): StudentRedaction | null {
  if (redaction === null) return null;
  const { version, countries, patterns } = redaction;
  return { version, countries: [...countries], patterns: patterns.map((pattern) => ({ ...pattern })) };
}

/** What the model in these files answers, and how much of the test split it doesn't know. */
async function answersOf(
  family: Family,
  files: ModelFiles,
  task: StudentTask,
  examples: readonly DatasetExample[],
  chips: readonly Chip[],
  directory: string,
  test: readonly DatasetExample[],
  redacted: boolean,
): Promise<{ given: RawAnswer[]; unknownWords: number | null }> {
  const model = await family.open(files, task, { chips, directory });
  try {
    const texts = examples.map((example) => example.text);
    const given = (await model.answer(texts)).map((answer, i) =>
      redacted ? doubtAmbiguous(answer, texts[i]) : answer,
    );
    const unknownWords = (await model.unknownWords?.(test.map((example) => example.text))) ?? null;
    return { given, unknownWords };
  } finally {
    await model.release();
  }
}

/** What the linear model answers to the test split; null where the task is none for it. */
async function linearPredictions(
  task: StudentTask,
  { train, test }: Dataset['splits'],
  seed: number,
  signal: AbortSignal | undefined,
): Promise<readonly string[] | null> {
  if (task.kind !== 'classify' || task.multiple) return null;
  return ngramLinearPredictions({
    trainTexts: train.map((example) => example.text),
    trainLabels: train.map((example) => example.answer),
    testTexts: test.map((example) => example.text),
    seed,
    signal,
  });
}

export function checkOptions({ alpha, delta, seed, timeBudget, chips }: Record<string, number>): void {
  const complain = (option: string, is: number, must: string): never => {
    throw new DistillError('distill_option', `${option} is ${is} and must be ${must}.`);
  };
  if (!(alpha > 0 && alpha < 1)) complain('alpha', alpha, 'between 0 and 1, such as 0.05');
  if (!(delta > 0 && delta < 1)) complain('delta', delta, 'between 0 and 1, such as 0.05');
  if (!Number.isInteger(chips) || chips < 1 || chips > 4)
    complain('chips', chips, 'a whole number from 1 to 4');
  if (!Number.isInteger(seed) || Math.abs(seed) > 2 ** 31 - 1)
    complain('seed', seed, 'a whole number below 2^31');
  if (!(timeBudget > 0)) complain('time-budget', timeBudget, 'a number of seconds above 0');
}

/** @throws DistillError for adapters without a base, GraphError for numbers that make none */
function checkBaseOptions({ base, lowRank }: Pick<DistillOptions, 'base' | 'lowRank'>): void {
  if (!lowRank) return;
  nn.checkLowRank(lowRank);
  if (base === undefined)
    throw new DistillError(
      'distill_option',
      'Adapters of low rank are trained beside a base: name one, or leave them out.',
    );
}

function budgetWarning(epochs: number, wanted: number, seconds: number): string[] {
  if (epochs >= wanted) return [];
  return [
    `The time budget of ${seconds} s allowed ${epochs.toFixed(1)} of ${wanted} passes over the training examples; a larger budget may give a better student.`,
  ];
}

function confusionOf(
  task: StudentTask,
  examples: readonly DatasetExample[],
  answered: readonly string[],
): number[][] | null {
  if (task.kind !== 'classify' || task.multiple) return null;
  const numbers = new Map(task.labels.map((label, i) => [label, i]));
  const counts = task.labels.map(() => new Array<number>(task.labels.length).fill(0));
  examples.forEach(({ answer }, i) => {
    const row = numbers.get(answer);
    const column = numbers.get(answered[i]);
    if (row !== undefined && column !== undefined) counts[row][column]++;
  });
  return counts;
}
