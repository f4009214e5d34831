/**
 * Switches what is done with a task's calls, also while gateways run, and says what that requires.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import type { Route, Store } from '@kolben/store';
import type { Config } from '../config/schema.ts';
import { currentStudent } from '../students/current-student.ts';
import { readmitStudent } from '../students/operator-acts.ts';

/** The event of a route that was switched, as the store names it. */
export const routeSet = 'route_set';

export interface SwitchRouteOptions {
  store: Store;
  /** Undefined where the store alone is known. */
  config: Config | undefined;
  task: string;
  route: Route;
  /** A key's id, or `cli`. */
  actor: string;
}

export interface SwitchedRoute {
  before: Route | null;
  /** Id of a student that had been withdrawn and may answer again. */
  readmitted: string | null;
  /** The student has no certificate, so a cascade gives every call to the teacher. */
  isUncertified: boolean;
}

/** What is missing for a task to have this route; null: nothing. */
export async function routeNeeds(
  { store, config, task }: Pick<SwitchRouteOptions, 'store' | 'config' | 'task'>,
  route: Route,
): Promise<'student' | null> {
  if (route === 'teacher' || config?.tasks[task]?.student !== undefined) return null;
  return (await store.students.current(task)) === undefined ? 'student' : null;
}

/** @throws KolbenError `student_missing` */
export async function switchRoute({
  store,
  config,
  task,
  route,
  actor,
}: SwitchRouteOptions): Promise<SwitchedRoute> {
  if ((await routeNeeds({ store, config, task }, route)) !== null)
    throw new KolbenError(
      'student_missing',
      `The task '${task}' has no student yet: 'kolben distill --task ${task}' trains one from its recorded calls.`,
      { values: { task } },
    );
  const before = (await store.routes.get(task)) ?? config?.tasks[task]?.route ?? null;
  await store.routes.set(task, route);
  await store.audit({ actor, act: 'route.set', subject: task, detail: { from: before, to: route } });
  const registered = await store.students.current(task);
  const answering = route === 'teacher' ? registered : await currentStudent(store, config, task);
  await store.events.add({
    ...{ task, what: routeSet, student: answering?.id ?? null },
    // What an operator takes from a student, the watch doesn't give back by itself.
    detail: { from: before, to: route, by: 'operator', ...(route === 'teacher' && { bars: 'cascade' }) },
  });
  const readmitted =
    (route === 'cascade' || route === 'shadow') &&
    answering !== undefined &&
    (await readmitStudent(store, { task, ...answering }, actor));
  return {
    before,
    readmitted: readmitted ? answering.id : null,
    isUncertified: registered?.certificate === null && config?.tasks[task]?.student === undefined,
  };
}
