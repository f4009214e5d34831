/**
 * All students as families, with the place that each has in service.
 *
 * @module
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type FamilyTree, familyTrees, type KnownStudent, registeredStudent } from '@kolben/distill';
import type { ConsoleServices } from '../services.ts';
import { type FoundStudent, pinnedStudents } from './find-student.ts';

/** A student's place in service. */
export interface StudentPlace {
  readonly id: string;
  readonly digest: string;
  readonly task: string;
  /** It answers the task, where the route lets a student answer. */
  readonly current: boolean;
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
  for (const registered of await services.store.students.list()) all.push({ ...registered, registered });
  const known = new Map<string, KnownStudent>();
  for (const student of all)
    if (!known.has(student.digest)) known.set(student.digest, await folders.get(student));
  return {
    trees: familyTrees([...known.values()]),
    places: await Promise.all(all.map((student) => placeOf(services, student))),
  };
}

export async function placeOf(
  { store, config }: ConsoleServices,
  { id, digest, task, registered }: FoundStudent,
): Promise<StudentPlace> {
  const pins = config.tasks[task]?.student !== undefined;
  const withdrawn = (await store.watches.get(task, digest))?.withdrawnAt ?? null;
  return {
    ...{ id, digest, task },
    current: pins ? registered === null : (await store.students.current(task))?.id === id,
    pinned: registered === null,
    withdrawnAt: withdrawn?.toISOString() ?? null,
    registeredAt: registered?.createdAt.toISOString() ?? null,
  };
}
