/**
 * Does what the rules say is next, writes it down, and takes it back.
 *
 * @module
 */
import type { DistillProgress } from '@kolben/distill';
import { KolbenError } from '@kolben/engine/error';
import type { Config } from '@kolben/gateway/config';
import { rollBackWithdrawn, studentBefore } from '@kolben/gateway/students';
import { routeSet } from '@kolben/gateway/tasks';
import type { Event, Route, Store } from '@kolben/store';
import { argsOfWatch } from '../runs/args-of-watch.ts';
import { distillBusy, distillRecorded, placeInWords, trained } from '../students/distill-recorded.ts';
import { lowRankOf } from '../students/student-args.ts';
import type { Step } from './next-step.ts';
import { stepUndone, type Watched, watchedTask } from './watched-task.ts';

export interface TakeStepOptions {
  store: Store;
  config: Config;
  task: string;
  signal: AbortSignal;
  onProgress?: (progress: DistillProgress) => void;
  /** Is given a sentence where a run can't be recorded. */
  note: (sentence: string) => void;
}

/** What was done, in a sentence; undefined where another process is at it. @throws KolbenError of the store; the signal's reason when aborted */
export async function takeStep(
  step: Exclude<Step, { kind: 'wait' }>,
  options: TakeStepOptions,
): Promise<string | undefined> {
  return step.kind === 'distil' ? distil(step, options) : setRoute(step, options);
}

async function distil(
  { from }: Extract<Step, { kind: 'distil' }>,
  { store, config, task, signal, onProgress, note }: TakeStepOptions,
): Promise<string | undefined> {
  const { kind, watch, equality } = config.tasks[task]!;
  const { base, lora } = watch;
  try {
    const made = await distillRecorded({
      ...{ store, config, task },
      options: {
        ...{ alpha: watch.alpha, delta: watch.delta, timeBudget: watch.timeBudget, chips: watch.chips },
        kind,
        ...(equality && { equality }),
        ...(base !== undefined && { base }),
        ...(lora !== undefined && { lowRank: lowRankOf(lora) }),
        ...{ signal, ...(onProgress && { onProgress }) },
      },
      ...(from && { asOf: from }),
      recorded: { by: 'watch', args: argsOfWatch(task, config), cwd: process.cwd() },
      note,
    });
    return placeInWords(made, task);
  } catch (error) {
    signal.throwIfAborted();
    if (KolbenError.isInstance(error) && error.code === distillBusy) return undefined;
    // Written down as failed; with more calls it may go better.
    if (KolbenError.isInstance(error)) return `No student: ${error.message}`;
    throw error;
  }
}

async function setRoute(
  { to, bars, why }: Extract<Step, { kind: 'route' }>,
  { store, config, task }: TakeStepOptions,
): Promise<string> {
  const override = await store.routes.get(task);
  const from = override ?? config.tasks[task]!.route;
  const student = (await store.students.current(task))?.id ?? null;
  await store.routes.set(task, to);
  await store.events.add({
    ...{ task, what: routeSet, student },
    detail: { from, to, why, override: override ?? null, ...(bars && { bars }) },
  });
  await store.audit({ actor: 'watch', act: 'route.set', subject: task, detail: { from, to } });
  return `Route ${from} → ${to}: ${why}.`;
}

/**
 * Takes back the last step that was not taken back yet: a route becomes what it was, a student gives its place to the
 * one before it. The step is not taken again for the same student.
 *
 * @throws KolbenError `watch_nothing_to_undo`; `roll_back_withdrawn` where the student before was withdrawn
 */
export async function undoStep({
  store,
  config,
  task,
  actor = 'cli',
}: Pick<TakeStepOptions, 'store' | 'config' | 'task'> & { actor?: string }): Promise<string> {
  const step = await lastStep(store, await watchedTask(store, config, task));
  if (step?.what === routeSet) return undoRoute(store, task, step, actor);
  const said = step && (await undoPromotion(store, task, step, actor));
  if (said !== undefined) return said;
  throw new KolbenError(
    'watch_nothing_to_undo',
    `Nothing that 'kolben watch' did for the task '${task}' can be taken back.`,
  );
}

/** The last step that can be taken back and wasn't yet. */
export async function lastStep(
  store: Store,
  { current, events }: Pick<Watched, 'current' | 'events'>,
): Promise<Event | undefined> {
  const undone = new Set(events.filter(({ what }) => what === stepUndone).map(({ detail }) => detail.of));
  const hasBefore = current !== undefined && (await store.students.before(current.task)) !== undefined;
  return events.find(({ id, what, student, detail }) => {
    if (undone.has(id)) return false;
    if (what === routeSet) return detail.by !== 'operator';
    return what === trained && detail.promoted === true && hasBefore && current.id === student;
  });
}

async function undoRoute(
  store: Store,
  task: string,
  { id, student, detail }: Event,
  actor: string,
): Promise<string> {
  const { from, to, override } = detail as { from: Route; to: Route; override: Route | null };
  if (override === null) await store.routes.clear(task);
  else await store.routes.set(task, override);
  await store.events.add({
    ...{ task, what: stepUndone, student },
    detail: { of: id, from: to, to: from, ...(to !== 'teacher' && { bars: to }) },
  });
  await store.audit({ actor, act: 'watch.undo', subject: task, detail: { from: to, to: from } });
  return `Taken back: the route of ${task} is ${from} again, and its student is not given the route ${to} by itself any more.`;
}

/** Undefined where no other student was there before. */
async function undoPromotion(
  store: Store,
  task: string,
  { id, student }: Event,
  actor: string,
): Promise<string | undefined> {
  const before = await studentBefore(store, task);
  if (before?.withdrawnAt) throw rollBackWithdrawn(before.student, before.withdrawnAt);
  const back = await store.students.rollBack(task);
  if (!back) return undefined;
  await store.events.add({
    ...{ task, what: stepUndone, student },
    detail: { of: id, from: back.from.id, to: back.to.id },
  });
  await store.audit({
    ...{ actor, act: 'student.roll_back', subject: back.from.id },
    detail: { task, to: back.to.id },
  });
  return `Taken back: ${back.to.id} is the student of ${task} again.`;
}
