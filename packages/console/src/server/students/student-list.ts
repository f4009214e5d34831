/**
 * All students as families, with the place that each has in service.
 *
 * @module
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type FamilyTree, familyTrees, type KnownStudent, registeredStudent } from '@kolben/distill';
import type { ServiceState } from '@kolben/gateway/students';
import type { ConsoleServices } from '../services.ts';
import { type FoundStudent, foundStudent, pinnedStudents } from './find-student.ts';
import { serviceOf } from './service-of.ts';

/** A student's place in service. */
export interface StudentPlace {
  readonly id: string;
  readonly digest: string;
  readonly task: string;
  /** It has the task's place. */
  readonly current: boolean;
  /** Whether it answers, and why not. */
  readonly state: ServiceState;
  /** The configuration names it; it goes before what is registered. */
  readonly pinned: boolean;
  /** ISO 8601; null: it isn't withdrawn. */
  readonly withdrawnAt: string | null;
  /** ISO 8601; null: it isn't registered. */
  readonly registeredAt: string | null;
}

export interface StudentList {
  readonly trees: readonly FamilyTree[];
  readonly places: readonly StudentPlace[];
}

/** What is told of a folder holds until its manifest is another one: reading models through takes its time. */
export class KnownFolders {
  readonly #known = new Map<string, { stamp: number; known: KnownStudent }>();

  async get(of: { directory: string; digest: string; task: string }): Promise<KnownStudent> {
    const key = `${of.directory}\n${of.digest}`;
    const stamp = await stat(join(of.directory, 'kolben.json')).then(
      ({ mtimeMs }) => mtimeMs,
      () => -1,
    );
    const kept = this.#known.get(key);
    if (kept && stamp >= 0 && kept.stamp === stamp) return { ...kept.known, task: of.task };
    const known = await registeredStudent(of);
    if (known.missing === null) this.#known.set(key, { stamp, known });
    else this.#known.delete(key);
    return known;
  }
}

export async function studentList(services: ConsoleServices, folders: KnownFolders): Promise<StudentList> {
  const all: FoundStudent[] = await pinnedStudents(services);
  for (const registered of await services.store.students.list()) all.push(foundStudent(registered));
  const known = new Map<string, KnownStudent>();
  for (const student of all)
    if (!known.has(student.digest)) known.set(student.digest, await folders.get(student));
  return {
    trees: familyTrees([...known.values()]),
    places: await Promise.all(all.map((student) => placeOf(services, student))),
  };
}

export async function placeOf(
  services: ConsoleServices,
  { id, digest, task, isCertified, registered }: FoundStudent,
): Promise<StudentPlace> {
  const pins = services.config.tasks[task]?.student !== undefined;
  const current = pins ? registered === null : (await services.store.students.current(task))?.id === id;
  return {
    ...{ id, digest, task, current },
    pinned: registered === null,
    ...(await serviceOf(services, { task, digest, isCurrent: current, isCertified })),
    registeredAt: registered?.createdAt.toISOString() ?? null,
  };
}
