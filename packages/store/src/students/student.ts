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
  /** When it was made the current one; null: never, or it was rolled back. */
  promotedAt: Date | null;
}

export interface Students {
  /**
   * Registers a student and makes it the current one of its task.
   *
   * @param options `promote`: false leaves the current one where it is
   */
  register(student: NewStudent, options?: { promote?: boolean }): Promise<RegisteredStudent>;
  /** Makes it the current student of its task. Undefined where there is none of this id. */
  promote(id: string): Promise<RegisteredStudent | undefined>;
  /**
   * Takes the task's current student back: the one that was promoted before it is the current one again. Undefined, and
   * nothing is changed, where there is none before it.
   */
  rollBack(task: string): Promise<{ from: RegisteredStudent; to: RegisteredStudent } | undefined>;
  /** The one that `rollBack` would put back. */
  before(task: string): Promise<RegisteredStudent | undefined>;
  /** Newest first. */
  list(task?: string): Promise<RegisteredStudent[]>;
  get(id: string): Promise<RegisteredStudent | undefined>;
  /** The one promoted last for this task. */
  current(task: string): Promise<RegisteredStudent | undefined>;
}
