/**
 * The register of students.
 *
 * @module
 */
import type { Kysely, Selectable } from 'kysely';
import type { Database } from '../dialect/database.ts';
import { toDate, toDateOrNull } from '../integers.ts';
import type { Schema, StudentsTable } from '../schema.ts';
import { uuid7 } from '../uuid7.ts';
import type { NewStudent, RegisteredStudent, Students } from './student.ts';

export class StoredStudents implements Students {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async register(student: NewStudent, { promote = true } = {}): Promise<RegisteredStudent> {
    return this.#database.exclusively(async (transaction) => {
      const { created, promoted } = await latest(transaction, student.task);
      const created_at = Math.max(Date.now(), created + 1);
      const row = {
        id: `student_${uuid7()}`,
        task: student.task,
        directory: student.directory,
        digest: student.digest,
        certificate: student.certificate === null ? null : JSON.stringify(student.certificate),
        created_at,
        promoted_at: promote ? Math.max(created_at, promoted + 1) : null,
      };
      await transaction.insertInto('students').values(row).execute();
      return fromRow(row);
    });
  }

  async promote(id: string): Promise<RegisteredStudent | undefined> {
    return this.#database.exclusively(async (transaction) => {
      const row = await transaction
        .selectFrom('students')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const { promoted } = await latest(transaction, row.task);
      const promoted_at = Math.max(Date.now(), promoted + 1);
      await transaction.updateTable('students').set({ promoted_at }).where('id', '=', id).execute();
      return fromRow({ ...row, promoted_at });
    });
  }

  async rollBack(task: string): Promise<{ from: RegisteredStudent; to: RegisteredStudent } | undefined> {
    return this.#database.exclusively(async (transaction) => {
      const [from, to] = await promotedFirst(transaction, task).limit(2).execute();
      if (from === undefined || to === undefined) return undefined;
      await transaction
        .updateTable('students')
        .set({ promoted_at: null })
        .where('id', '=', from.id)
        .execute();
      return { from: fromRow({ ...from, promoted_at: null }), to: fromRow(to) };
    });
  }

  async before(task: string): Promise<RegisteredStudent | undefined> {
    const [, row] = await promotedFirst(this.#database.read, task).limit(2).execute();
    return row === undefined ? undefined : fromRow(row);
  }

  async list(task?: string): Promise<RegisteredStudent[]> {
    let query = this.#newestFirst();
    if (task !== undefined) query = query.where('task', '=', task);
    return (await query.execute()).map(fromRow);
  }

  async get(id: string): Promise<RegisteredStudent | undefined> {
    const row = await this.#newestFirst().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  }

  async current(task: string): Promise<RegisteredStudent | undefined> {
    const row = await promotedFirst(this.#database.read, task).limit(1).executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  }

  #newestFirst() {
    return this.#database.read
      .selectFrom('students')
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc');
  }
}

/** The latest moments of the task: a new one comes after them, also where a clock was set back. */
async function latest(db: Kysely<Schema>, task: string): Promise<{ created: number; promoted: number }> {
  const { created, promoted } = await db
    .selectFrom('students')
    .select((e) => [e.fn.max('created_at').as('created'), e.fn.max('promoted_at').as('promoted')])
    .where('task', '=', task)
    .executeTakeFirstOrThrow();
  return { created: Number(created ?? 0), promoted: Number(promoted ?? 0) };
}

function promotedFirst(db: Kysely<Schema>, task: string) {
  return db
    .selectFrom('students')
    .selectAll()
    .where('task', '=', task)
    .where('promoted_at', 'is not', null)
    .orderBy('promoted_at', 'desc')
    .orderBy('id', 'desc');
}

function fromRow(row: Selectable<StudentsTable>): RegisteredStudent {
  return {
    id: row.id,
    task: row.task,
    directory: row.directory,
    digest: row.digest,
    certificate: row.certificate === null ? null : JSON.parse(row.certificate),
    createdAt: toDate(row.created_at),
    promotedAt: toDateOrNull(row.promoted_at),
  };
}
