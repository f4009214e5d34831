/**
 * The student that would answer a task: the folder that the configuration names, else the one promoted last.
 *
 * @module
 */
import { resolve } from 'node:path';
import type { Store } from '@kolben/store';
import type { Config } from '../config/schema.ts';

export interface CurrentStudent {
  /** As calls name it: of its registration, or, where the configuration names the folder, its digest. */
  id: string;
  digest: string;
  directory: string;
}

/** @throws StudentFolderError where the configuration names a folder that holds no student */
export async function currentStudent(
  store: Store,
  config: Config | undefined,
  task: string,
): Promise<CurrentStudent | undefined> {
  const directory = config?.tasks[task]?.student;
  if (directory === undefined) return store.students.current(task);
  const { readStudentFolder } = await import('@kolben/distill');
  const { digest } = await readStudentFolder(resolve(directory));
  return { id: digest, digest, directory };
}
