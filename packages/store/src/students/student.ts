/**
 * A registered student: which folder answers which task. The shapes only; the work is in `students.ts`.
 *
 * @module
 */

export interface NewStudent {
  task: string;
  /** The student folder, as an absolute path. */
  directory: string;
  /** Digest of the folder's content, as its lineage states it. */
  digest: string;
  /** The certificate as the student folder has it, or null. */
  certificate: object | null;
}

export interface RegisteredStudent {
  id: string;
  task: string;
  directory: string;
  digest: string;
  certificate: Record<string, unknown> | null;
  createdAt: Date;
}

export interface Students {
  /** Registers a student and makes it the current one of its task. */
  register(student: NewStudent): Promise<RegisteredStudent>;
  /** Newest first. */
  list(task?: string): Promise<RegisteredStudent[]>;
  get(id: string): Promise<RegisteredStudent | undefined>;
  /** The one registered last for this task. */
  current(task: string): Promise<RegisteredStudent | undefined>;
}
