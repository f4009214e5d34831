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
import { type Chip, costsOf, idleShare, paddingShare, simulate, startChip } from '@kolben/engine';
import type { Example } from '@kolben/store';
import { type Base, checkBaseName, openBase } from './base/open-base.ts';
import { majorityLabel } from './baselines/majority.ts';
import { ngramLinearPredictions } from './baselines/ngram-linear-predictions.ts';
import type { ScoredAnswer } from './certificates/certificate.ts';
import { certify } from './certificates/certify.ts';
import { shareInterval } from './certificates/upper-bound.ts';
import { confusionOf } from './confusion-of.ts';
import type { Dataset, DatasetExample } from './datasets/dataset.ts';
import { freezeDataset } from './datasets/freeze-dataset.ts';
import { spanOf } from './datasets/span-of.ts';
import { datasetNote, defaultEquality, ofKind, taskOf, withoutName } from './describe-task.ts';
import {
  checkBaseOptions,
  checkOptions,
  type DistillOptions,
  type DistillProgress,
} from './distill-options.ts';
import type { DistillReport } from './distill-report.ts';
import { equalityFacts } from './equality/equality.ts';
import { referenceOf } from './evaluation/drift.ts';
import { calibratedOf } from './evaluation/service-drift.ts';
import { examplesUntil } from './explain/learned-dataset.ts';
import { answersEqual } from './students/answers-equal.ts';
import { familyFor, familyOn } from './students/families.ts';
import type { Family, ModelFiles, RawAnswer, TrainedModel } from './students/family.ts';
import { judgeIncumbent } from './students/judge-incumbent.ts';
import { quantisedAgreement } from './students/quantised-agreement.ts';
import { doubtAmbiguous, type StudentRedaction } from './students/redacted.ts';
import { checkWritable, writeStudentFolder } from './students/student-folder.ts';
import type { StudentTask } from './students/task.ts';
import type { TrainingListener } from './students/training-listener.ts';
import { openLocalTeacher } from './teachers/local-teacher.ts';
import { openServedTeacher } from './teachers/served-teacher.ts';
import {
  assertPermitted,
  checkTerms,
  foreseeRefusal,
  type TeacherCalls,
  termsWarnings,
} from './terms/check-terms.ts';
import { knownTeachers, TeacherCount, teacherNames } from './terms/count-teachers.ts';
import { version } from './version.ts';

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
    const { kind, source, examples, asOf } = options;
    const dataset =
      'splits' in examples
        ? ofKind(examples, kind)
        : await freezeDataset(stage.counting(asOf ? examplesUntil(examples, asOf) : examples), {
            ...{ seed, kind, source, signal },
            redact: options.redact ?? true,
            ...(options.follows && { follows: options.follows }),
          });
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
  readonly listener?: TrainingListener | undefined;
  /** Starts the chips; they are closed when everything is done. */
  startChips(): Promise<readonly Chip[]>;
  /** Notes on the way who answered. At the end, and so before anybody counts them: TermsError where terms forbid it. */
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

  if (options.base !== undefined) await checkBaseName(options.base);

  // Opened when the dataset is there and the terms permit a student: nobody fetches gigabytes to be told otherwise.
  let base: Base | undefined;
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
      listener: options.listener,
      async startChips() {
        started = await Promise.all(Array.from({ length: chipCount }, (_, i) => startChip(i)));
        return started;
      },
      async *counting(examples) {
        yield* origin.counting(examples);
        const { kind, distribution = 'internal', providers = {} } = options;
        const teachers = knownTeachers(origin.teachers, options.teachers);
        const refusal = foreseeRefusal({ teachers, kind, distribution, providers });
        if (refusal) throw refusal;
      },
      describe(complete) {
        options.onDataset?.(complete);
        const described = taskOf(task, complete, options);
        const teachers = knownTeachers(origin.teachers, options.teachers);
        const terms = termsOf(teachers, described.studentTask.kind, options);
        assertPermitted(terms);
        return { ...described, teachers, terms };
      },
      assertPermitted: (teachers) => assertPermitted(termsOf(teachers, options.kind ?? 'classify', options)),
      async train(complete, { studentTask }, chips) {
        if (options.base !== undefined) {
          onProgress({ phase: 'base' });
          base = await openBase(options.base, {
            ...options.fetchBase,
            signal,
            onProgress: ({ done, total }) => onProgress({ phase: 'base', done, total }),
          });
        }
        onProgress({ phase: 'prepare' });
        const family = await familyOf(studentTask.kind);
        const teacher =
          options.teacherLogits === undefined
            ? undefined
            : typeof options.teacherLogits === 'string'
              ? await openLocalTeacher(options.teacherLogits, chips)
              : await openServedTeacher(options.teacherLogits);
        const training = family.train({
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
          listener: options.listener,
          onProgress: ({ step, steps, loss }) =>
            onProgress({ phase: 'train', done: step, total: steps, loss }),
        });
        return training.finally(() => teacher?.release());
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
    const { given, unknownWords, unknownGrams } = await answersOf(
      family,
      files,
      studentTask,
      scored,
      chips,
      out,
      splits,
      redactionOf(dataset),
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

    const incumbent =
      options.incumbent === undefined
        ? undefined
        : await judgeIncumbent(options.incumbent, {
            ...{
              splits,
              task: studentTask,
              equality,
              chips,
              alpha,
              delta,
              challenger: certified.certificate,
            },
          });
    const agreed = answers.slice(testStart).filter(({ correct }) => correct).length;
    const quantised = await quantisedAgreement(family, files, studentTask, splits.test, {
      chips,
      directory: out,
      equality,
    });
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
      ...(incumbent && { incumbent }),
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
        ...(certified.certificate === null ? { reason: certified.reason, refusal: certified.refusal } : {}),
        scores: {
          tune: answers.slice(0, calibrationStart),
          calibration: answers.slice(calibrationStart, testStart),
          delta,
        },
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
          dataset: {
            digest: dataset.digest,
            splitBy: dataset.splitBy,
            seed: dataset.seed,
            ...(options.asOf && { asOf: options.asOf.toISOString() }),
            ...(options.follows && {
              parent: options.follows.digest,
              parentAsOf: options.follows.asOf.toISOString(),
            }),
            ...counts,
          },
          recipe: facts.recipe,
          ...(studentTask.kind === 'generate'
            ? { equality: equalityFacts(equality ?? defaultEquality) }
            : {}),
          ...(base && {
            base: { ...base.lineage, licence: base.lineage.licence && { ...base.lineage.licence } },
          }),
          seed,
          machine: {
            cpu: cpus()[0]?.model ?? 'unknown',
            cores: availableParallelism(),
            node: process.versions.node,
          },
        },
        measurements: {
          test: { ...report.test, ...(quantised !== undefined && { quantised }) },
          baselines: report.baselines,
          training: report.training,
          reference: referenceOf(given.slice(testStart), unknownWords, studentTask.kind === 'classify'),
          calibrated: calibratedOf(
            given.slice(calibrationStart, testStart).map(({ confidence }) => confidence),
            unknownGrams,
          ),
        },
      },
      family.card(files, studentTask, { based: base !== undefined }),
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

/** How a student's texts are to be redacted: as its dataset's were. */
function redactionOf({ redaction }: Dataset): StudentRedaction | null {
  if (redaction === null) return null;
  const { version, countries, patterns } = redaction;
  return { version, countries: [...countries], patterns: patterns.map((pattern) => ({ ...pattern })) };
}

/** What the model in these files answers, how much of the test split it doesn't know, and of each calibration text. */
async function answersOf(
  family: Family,
  files: ModelFiles,
  task: StudentTask,
  examples: readonly DatasetExample[],
  chips: readonly Chip[],
  directory: string,
  { calibration, test }: Pick<Dataset['splits'], 'calibration' | 'test'>,
  redaction: StudentRedaction | null,
): Promise<{
  given: RawAnswer[];
  unknownWords: number | null;
  unknownGrams: readonly (number | null)[] | null;
}> {
  const model = await family.open(files, task, { chips, directory });
  try {
    const texts = examples.map((example) => example.text);
    const given = (await model.answer(texts)).map((answer, i) =>
      redaction ? doubtAmbiguous(answer, texts[i], redaction) : answer,
    );
    const unknownWords = (await model.unknownWords?.(test.map((example) => example.text))) ?? null;
    const unknownGrams = (await model.unknownGrams?.(calibration.map((example) => example.text))) ?? null;
    return { given, unknownWords, unknownGrams };
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

function budgetWarning(epochs: number, wanted: number, seconds: number): string[] {
  if (epochs >= wanted) return [];
  return [
    `The time budget of ${seconds} s allowed ${epochs.toFixed(1)} of ${wanted} passes over the training examples; a larger budget may give a better student.`,
  ];
}
