/**
 * Schemas of the Postgres server in which a store has been already, and that are empty again. To make and to drop the
 * tables of one takes longer than most tests, so that a test takes the schema of one before it under a new name.
 *
 * @module
 */
import pg from 'pg';
import { dropSchema, postgresUrl } from './postgres.ts';

/** Above it, the rows that are gone would slow down those to come: bytes. */
const largest = 4_000_000;

class SpareSchemas {
  /** Names of those that wait. */
  readonly #waiting: string[] = [];
  /** Everything but the rows of a schema as the store makes it, in one text; whatever differs is no longer spare. */
  #shape: string | undefined;
  #client: pg.Client | undefined;
  #made = 0;

  /** Opens a store in the schema of this name, which is a spare one where there is one and the name is free. */
  async take<T>(schema: string, open: () => Promise<T>): Promise<T> {
    const { rows } = await this.#ask('select 1 from pg_namespace where nspname = $1', [schema]);
    if (rows.length > 0) return open();
    const spare = this.#waiting.pop();
    if (spare !== undefined) {
      await this.#ask(`alter schema ${spare} rename to ${schema}`).catch((error: unknown) => {
        // Somebody else has made the store meanwhile; many begin on the same.
        if (!(error instanceof pg.DatabaseError) || error.code !== '42P06') throw error;
        this.#waiting.push(spare);
      });
    }
    const opened = await open();
    this.#shape ??= (await this.#look(schema)).shape;
    return opened;
  }

  /** Takes the schema back from a test that is over; nobody has it open any more. */
  async giveBack(schema: string): Promise<void> {
    const { tables, bytes, shape } = await this.#look(schema);
    if (shape !== this.#shape || bytes > largest) {
      await dropSchema(schema);
      return;
    }
    const name = `kolben_test_spare_${process.pid}_${this.#made++}`;
    await this.#ask(`
      begin;
      -- Without it, a row could not go before those that refer to it.
      set local session_replication_role = replica;
      set local synchronous_commit = off;
      ${tables.map((table) => `delete from ${schema}.${table};`).join('\n')}
      alter schema ${schema} rename to ${name};
      commit;`);
    this.#waiting.push(name);
  }

  /** At the end of each file. */
  async drop(): Promise<void> {
    for (const schema of this.#waiting.splice(0)) await dropSchema(schema);
    await this.#client?.end();
    this.#client = undefined;
  }

  /** Its tables but that of its versions, which belongs to its shape. */
  async #look(schema: string): Promise<{ tables: string[]; bytes: number; shape: string }> {
    const { rows: relations } = await this.#ask(
      `select c.relname as name, c.relkind as kind, pg_table_size(c.oid)::int8 as bytes,
        (select string_agg(concat_ws(' ', attname, atttypid, attnotnull, atthasdef), ', ' order by attnum)
          from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns,
        (select string_agg(concat_ws(' ', conname, contype, conkey::text), ', ' order by conname collate "C")
          from pg_constraint where conrelid = c.oid) as constraints,
        (select count(*)::int from pg_trigger where tgrelid = c.oid and not tgisinternal) as triggers
      from pg_class c where relnamespace = (select oid from pg_namespace where nspname = $1) order by relname collate "C"`,
      [schema],
    );
    const tables = relations.filter(({ kind }) => kind === 'r').map(({ name }) => String(name));
    const versions = tables.includes('kolben_migrations')
      ? await this.#ask(`select version, name from ${schema}.kolben_migrations order by version`)
      : { rows: [] };
    return {
      tables: tables.filter((name) => name !== 'kolben_migrations'),
      bytes: relations.reduce((sum, one) => sum + Number(one.bytes), 0),
      shape: JSON.stringify([relations.map(({ bytes: _bytes, ...rest }) => rest), versions.rows]),
    };
  }

  async #ask(query: string, parameters?: unknown[]): Promise<pg.QueryResult> {
    if (this.#client === undefined) {
      this.#client = new pg.Client({ connectionString: postgresUrl });
      await this.#client.connect();
    }
    return this.#client.query(query, parameters);
  }
}

export const spareSchemas = new SpareSchemas();
