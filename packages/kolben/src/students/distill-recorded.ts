/**
 * A student of a task's recorded calls: the next version of their dataset, a training, a certificate, and a place in
 * service if it is better than the student that has it.
 *
 * @module
 */
import { join } from 'node:path';
import type { Dataset, DistillOptions, DistillReport } from '@kolben/distill';
import { KolbenError } from '@kolben/engine/error';
import type { Config } from '@kolben/gateway/config';
import type { Event, RegisteredStudent, Store } from '@kolben/store';
import { redactOf } from '../config/redact-of.ts';
import { type KnownRun, outcomeOf, recordTraining } from '../runs/record-training.ts';
import type { RunSettings } from '../runs/run-settings.ts';
import { refusalOfCalls } from './refusal-of-calls.ts';
import { registerStudent } from './register-student.ts';
import { studentInService } from './student-in-service.ts';

/** The events of distillations, as the store names them. */
export const trained = 'student_trained';
export const distillBegun = 'distill_begun';
export const distillFailed = 'distill_failed';
/** The code of the error of a run that somebody has stopped. */
const runStopWanted = 'run_stop_wanted';
/** The code of the error while another process distils the same task. */
export const distillBusy = 'distill_busy';

/** What the event of a trained student keeps of its dataset, so that the next version can follow it. */
interface KeptDataset {
  digest: string;
  kind: Dataset['kind'];
  multiple: boolean;
  splitBy: Dataset['splitBy'];
  asOf: string;
}

export interface DistillRecordedOptions {
  store: Store;
  config: Config | undefined;
  task: string;
  options: Omit<
    DistillOptions,
    | 'examples'
    | 'out'
    | 'asOf'
    | 'follows'
    | 'incumbent'
    | 'onDataset'
    | 'listener'
    | 'task'
    | 'source'
    | 'work'
  >;
  /** The student folder; default: one in the data folder, named by the time. */
  out?: string;
  /** Calls that came in later are left out. Default: now. */
  asOf?: Date;
  /** How the run is recorded: who began it, with which options; which run it is, where that is known beforehand. */
  recorded: Pick<RunSettings, 'by' | 'args' | 'cwd'> & { run?: KnownRun | undefined };
  /** Is given a sentence where the run can't be recorded. */
  note: (sentence: string) => void;
}

export interface RecordedDistillation {
  report: DistillReport;
  out: string;
  registered: RegisteredStudent;
  /** Whether it is the task's current student now. */
  promoted: boolean;
}

/**
 * Whatever goes wrong, the student in service stays. Begun and ended by events, so that `kolben watch` can go on where a
 * process was killed.
 *
 * @throws TermsError before a run begins; KolbenError as `distill` does, where no calls are recorded, and while another
 * process is at it
 */
export async function distillRecorded(given: DistillRecordedOptions): Promise<RecordedDistillation> {
  const { store, task } = given;
  const held = await store.alone(`distill-${task.replaceAll('_', '-')}`, () => distilling(given));
  if (held) return held.result;
  throw new KolbenError(
    distillBusy,
    `Another process distils the calls of the task '${task}' already: wait for it, or stop it first.`,
  );
}

async function distilling(given: DistillRecordedOptions): Promise<RecordedDistillation> {
  const { store, config, task, options, asOf = new Date(), recorded, note } = given;
  const { kind, distribution } = options;
  const teachers = await store.calls.teachers(task, { until: asOf });
  // Before anybody is told to record more of what may not be learned from.
  const refusal = await refusalOfCalls({ config, task, teachers, kind, distribution });
  if (refusal) throw refusal;
  if ((await store.calls.count({ task })) === 0) {
    throw new KolbenError(
      'calls_missing',
      `No calls of the task '${task}' are recorded in ${store.location}: send some through the gateway first, or name a file of examples.`,
    );
  }
  const { run = given.asOf && (await interruptedRun(store, task, given.asOf)), ...settings } = recorded;
  return recordTraining(
    {
      ...{ store, task, source: 'calls', run, note },
      settings: { ...settings, asOf: asOf.toISOString() },
      ...{ signal: options.signal, onProgress: options.onProgress },
    },
    async (hooks) => {
      const made = await training({ ...given, options: { ...options, ...hooks }, asOf }, hooks.onDataset);
      return { result: made, outcome: outcomeOf(made.report, { folder: made.out, id: made.registered.id }) };
    },
  );
}

/** The run whose training of the calls up to a moment goes on: its process was killed, for the lock is ours. */
async function interruptedRun(store: Store, task: string, asOf: Date): Promise<KnownRun | undefined> {
  const runs = await store.runs.list({ task });
  const run = runs.find(
    ({ source, state, settings }) =>
      source === 'calls' && state !== 'done' && settings.asOf === asOf.toISOString(),
  );
  return run && { id: run.id, resume: true, isAlone: true };
}

async function training(
  { store, config, task, options, asOf, ...choice }: DistillRecordedOptions & { asOf: Date },
  onDataset: DistillOptions['onDataset'],
): Promise<RecordedDistillation> {
  const { distill, sourceOfCalls, splitsOfCalls } = await import('@kolben/distill');
  const students = join(store.directory, 'students');
  const out =
    choice.out ?? join(students, `${task}-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}`);
  const inService = await studentInService(store, task);
  const kept = await lastDataset(store, task);
  const teacher = config?.tasks[task]?.teacher;
  let dataset: Dataset | undefined;
  await store.events.add({ task, what: distillBegun, detail: { asOf: asOf.toISOString() } });
  let report: DistillReport;
  try {
    report = await distill({
      ...inService.options,
      ...options,
      examples: store.calls.examples(task),
      asOf,
      ...(kept && { follows: { ...kept, asOf: new Date(kept.asOf) } }),
      onDataset: (frozen) => {
        dataset = frozen;
        onDataset?.(frozen);
      },
      out,
      // The folder's name tells the time, so a second attempt would not find what the first one left beside it.
      work: join(students, `.${task}.training`),
      task,
      source: sourceOfCalls(task),
      ...(teacher !== undefined && { teachers: [teacher].flat() }),
      ...(config && { providers: config.providers, redact: redactOf(config) }),
    });
  } catch (error) {
    // An interrupted one goes on from where it was; one that can't succeed must not be tried for ever, nor one that
    // somebody has stopped be begun again by itself.
    const code = KolbenError.isInstance(error) ? error.code : 'unexpected';
    if (!options.signal?.aborted || code === runStopWanted) {
      await store.events.add({ task, what: distillFailed, detail: { asOf: asOf.toISOString(), code } });
    }
    throw error;
  }
  const frozen = dataset!;
  await store.calls.markSplits(await splitsOfCalls(frozen, until(store.calls.examples(task), asOf)));
  const promoted = inService.isOutdoneBy(report);
  const registered = await registerStudent(store, task, out, { promote: promoted });
  await store.events.add({
    task,
    what: trained,
    student: registered.id,
    detail: {
      digest: registered.digest,
      promoted,
      coverage: report.certificate?.coverage ?? null,
      ...(report.incumbent && {
        incumbent: {
          student: inService.current?.id,
          coverage: report.incumbent.certificate?.coverage ?? null,
        },
      }),
      dataset: {
        digest: frozen.digest,
        parent: frozen.parent,
        kind: frozen.kind,
        multiple: frozen.multiple,
        splitBy: frozen.splitBy,
        asOf: asOf.toISOString(),
        n: frozen.counts.n,
        calibration: frozen.counts.calibration,
      },
    },
  });
  return { report, out, registered, promoted };
}

/** In a sentence: whether the new student took the place of the one in service, and what to do about it. */
export function placeInWords(
  { report, registered, promoted }: Pick<RecordedDistillation, 'report' | 'registered' | 'promoted'>,
  task: string,
): string {
  const { incumbent } = report;
  if (promoted)
    return `Registered as the student of ${task}. To let it answer what it is sure of: kolben route ${task} cascade`;
  const may = (certificate: { coverage: number } | null | undefined) =>
    certificate ? `is certified for ${percent(certificate.coverage)} of calls` : 'gets no certificate';
  return `Registered, and the student in service stays: on the same calibration examples the new one ${may(report.certificate)} and that one ${may(incumbent?.certificate)}. To put it into service all the same: kolben students promote ${registered.id}`;
}

async function lastDataset(store: Store, task: string): Promise<KeptDataset | undefined> {
  const [last] = await store.events.list({ task, what: [trained], limit: 1 });
  return last && datasetOf(last);
}

/** The dataset that a trained student learned from. */
export function datasetOf({ detail }: Event): KeptDataset | undefined {
  return detail.dataset as KeptDataset | undefined;
}

async function* until<T extends { at?: Date }>(examples: AsyncIterable<T>, end: Date): AsyncGenerator<T> {
  for await (const example of examples) if (!example.at || example.at <= end) yield example;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
