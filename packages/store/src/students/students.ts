/**
 * The register of students.
 *
 * @module
 */
import type { Selectable } from 'kysely';
import type { Database } from '../dialect/database.ts';
import { toDate } from '../integers.ts';
import type { StudentsTable } from '../schema.ts';
import { uuid7 } from '../uuid7.ts';
import type { NewStudent, RegisteredStudent, Students } from './student.ts';

export class StoredStudents implements Students {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async register(student: NewStudent): Promise<RegisteredStudent> {
    return this.#database.exclusively(async (transaction) => {
      // Later than every other one of the task, also where a clock was set back: the last one is the current one.
      const { last } = await transaction
        .selectFrom('students')
        .select((e) => e.fn.max('created_at').as('last'))
        .where('task', '=', student.task)
        .executeTakeFirstOrThrow();
      const row = {
        id: `student_${uuid7()}`,
        task: student.task,
        directory: student.directory,
        digest: student.digest,
        certificate: student.certificate === null ? null : JSON.stringify(student.certificate),
        created_at: Math.max(Date.now(), Number(last ?? 0) + 1),
      };
      await transaction.insertInto('students').values(row).execute();
      return fromRow(row);
    });
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
    const row = await this.#newestFirst().where('task', '=', task).limit(1).executeTakeFirst();
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

function fromRow(row: Selectable<StudentsTable>): RegisteredStudent {
  return {
    id: row.id,
    task: row.task,
    directory: row.directory,
    digest: row.digest,
    certificate: row.certificate === null ? null : JSON.parse(row.certificate),
    createdAt: toDate(row.created_at),
  };
}
