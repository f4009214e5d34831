/**
 * A student by the id that calls name it by: of its registration, or, where the configuration names its folder, its
 * digest.
 *
 * @module
 */
import { resolve } from 'node:path';
import { readStudentFolder } from '@kolben/distill';
import { KolbenError } from '@kolben/engine/error';
import { ApiError } from '@kolben/gateway';
import type { RegisteredStudent } from '@kolben/store';
import type { ConsoleServices } from '../services.ts';

export interface FoundStudent {
  readonly id: string;
  readonly task: string;
  readonly digest: string;
  /** An absolute path. */
  readonly directory: string;
  readonly isCertified: boolean;
  /** Null: the configuration alone names it. */
  readonly registered: RegisteredStudent | null;
}

/** @throws ApiError 404 */
export async function findStudent(services: ConsoleServices, id: string): Promise<FoundStudent> {
  const registered = await services.store.students.get(id);
  if (registered) return foundStudent(registered);
  const pinned = (await pinnedStudents(services)).find((student) => student.id === id);
  if (pinned) return pinned;
  throw new ApiError(404, 'student_unknown', 'There is no such student; the list of students has them all.', {
    type: 'invalid_request_error',
  });
}

export function foundStudent(registered: RegisteredStudent): FoundStudent {
  return { ...registered, isCertified: registered.certificate !== null, registered };
}

/** Those that the configuration names; a folder that can't be read is left to `kolben doctor`. */
export async function pinnedStudents({ config }: Pick<ConsoleServices, 'config'>): Promise<FoundStudent[]> {
  const found: FoundStudent[] = [];
  for (const [task, { student }] of Object.entries(config.tasks)) {
    if (student === undefined) continue;
    const directory = resolve(student);
    try {
      const { digest, certificate } = await readStudentFolder(directory);
      found.push({
        id: digest,
        task,
        digest,
        directory,
        isCertified: certificate !== null,
        registered: null,
      });
    } catch (error) {
      if (!KolbenError.isInstance(error)) throw error;
    }
  }
  return found;
}
