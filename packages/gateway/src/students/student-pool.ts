/**
 * The students in service: each folder is loaded once, whoever asks for it, and closed when nobody needs it.
 *
 * When a task gets a new student, the old one goes on answering until the new one is loaded, and is closed after
 * its last answer. A folder that can't be loaded is no reason to fail: the caller gets nothing, the operator an
 * event, and it's tried again after a while.
 *
 * @module
 */
import { type Log, reasonOf } from '../log/log.ts';
import { studentPrefix } from '../tasks/model-names.ts';
import { Batches } from './in-batches.ts';
import type { ServingStudent, StudentLoader, StudentOpinion } from './student.ts';

/** Which student: a folder, and what tells its present content from an earlier one. */
export interface StudentReference {
  /** How calls name it: the id of its registration, or undefined where the configuration names the folder. */
  id: string | undefined;
  directory: string;
  digest: string | undefined;
}

/** Students called by their own name that stay loaded: those asked last. */
const mostNamed = 4;

export interface StudentPoolOptions {
  load: StudentLoader;
  log: Log;
  /** On how many chips each student answers: so many batches of texts are given to it at once. Left out, one. */
  chips?: number;
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number;
  /** How long a folder that failed is left alone, milliseconds. */
  retryMs?: number;
}

/** A student at work for one call. */
export interface StudentLease {
  student: ServingStudent;
  reference: StudentReference;
  /** What the student says to a text, which it may be asked together with those of other calls. */
  ask(text: string): Promise<StudentOpinion>;
  /** To be called when the call is done with it. */
  release(): void;
}

interface Entry {
  key: string;
  student: Promise<ServingStudent | undefined>;
  /** Shared by all tasks that it serves, for its chips are. */
  batches: Batches | undefined;
  /** Tasks that it serves and calls that it answers. At zero it's closed. */
  holders: number;
}

interface Slot {
  current?: { entry: Entry; student: ServingStudent; reference: StudentReference };
  coming?: { key: string; done: Promise<void> };
  failed?: { key: string; at: number };
}

export class StudentPool {
  readonly #load: StudentLoader;
  readonly #log: Log;
  readonly #chips: number;
  readonly #now: () => number;
  readonly #retryMs: number;
  readonly #entries = new Map<string, Entry>();
  readonly #slots = new Map<string, Slot>();
  /** Places of students called by their own name, the one asked longest ago first. */
  readonly #named = new Set<string>();
  readonly #loading = new Set<Promise<void>>();
  readonly #closing = new Set<Promise<void>>();
  #closed = false;

  constructor(options: StudentPoolOptions) {
    this.#load = options.load;
    this.#log = options.log;
    this.#chips = options.chips ?? 1;
    this.#now = options.now ?? (() => performance.now());
    this.#retryMs = options.retryMs ?? 30_000;
  }

  /**
   * The task's student (or, in a place that is called as a student is, that student), ready to answer; undefined where it can't be loaded. Waits for the first student of a
   * task to be loaded; for a later one the student before it stands in.
   */
  async lease(task: string, reference: StudentReference): Promise<StudentLease | undefined> {
    if (this.#closed) return undefined;
    const key = `${reference.directory}\n${reference.digest ?? ''}`;
    const slot = this.#slots.get(task) ?? {};
    this.#slots.set(task, slot);
    if (slot.current?.entry.key !== key && slot.coming?.key !== key && this.#mayTry(slot, key)) {
      const coming = { key, done: Promise.resolve() };
      slot.coming = coming;
      coming.done = this.#replace(task, slot, key, reference);
      this.#loading.add(coming.done);
      void coming.done.finally(() => this.#loading.delete(coming.done));
    }
    // A folder that failed after another one had served: the task's student is the one that was named, not that one.
    if (slot.failed?.key === key) return undefined;
    if (!slot.current) await slot.coming?.done;
    if (!slot.current || this.#closed) return undefined;
    if (task.startsWith(studentPrefix)) this.#makeRoom(task);
    const { entry, student, reference: served } = slot.current;
    entry.holders += 1;
    let held = true;
    const release = () => {
      if (held) this.#release(entry);
      held = false;
    };
    entry.batches ??= new Batches(student, this.#chips);
    const { batches } = entry;
    return { student, reference: served, ask: (text) => batches.ask(text), release };
  }

  /** Closes every student, each after the answers it is at. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#loading);
    for (const slot of this.#slots.values()) if (slot.current) this.#release(slot.current.entry);
    this.#slots.clear();
    await Promise.all(this.#closing);
  }

  /** Whoever asks every student that there ever was by its name must not have them all in memory. */
  #makeRoom(place: string): void {
    this.#named.delete(place);
    this.#named.add(place);
    for (const oldest of this.#named) {
      if (this.#named.size <= mostNamed) return;
      this.#named.delete(oldest);
      const slot = this.#slots.get(oldest);
      this.#slots.delete(oldest);
      if (slot?.current) this.#release(slot.current.entry);
    }
  }

  #mayTry(slot: Slot, key: string): boolean {
    if (slot.failed?.key === key && this.#now() - slot.failed.at < this.#retryMs) return false;
    slot.failed = undefined;
    return true;
  }

  async #replace(task: string, slot: Slot, key: string, reference: StudentReference): Promise<void> {
    const entry = this.#entry(key, reference.directory);
    entry.holders += 1;
    const student = await entry.student;
    // A still newer student was named while this one was being loaded.
    const isWanted = slot.coming?.key === key;
    if (isWanted) slot.coming = undefined;
    if (student && isWanted) {
      const old = slot.current?.entry;
      slot.current = { entry, student, reference };
      this.#log.info('student_loaded', { task, student: reference.id ?? student.digest });
      if (old) this.#release(old);
      return;
    }
    this.#release(entry);
    if (!student && isWanted) slot.failed = { key, at: this.#now() };
  }

  #entry(key: string, directory: string): Entry {
    const known = this.#entries.get(key);
    if (known) return known;
    const student = this.#load(directory).catch((error: unknown) => {
      // The folder's name is the operator's own; the error's words may hold pieces of files.
      this.#log.error('student_not_loaded', { directory, reason: reasonOf(error) });
      return undefined;
    });
    const entry: Entry = { key, student, batches: undefined, holders: 0 };
    this.#entries.set(key, entry);
    return entry;
  }

  #release(entry: Entry): void {
    entry.holders -= 1;
    if (entry.holders > 0) return;
    this.#entries.delete(entry.key);
    const closing = entry.student
      .then((student) => student?.close())
      .catch((error: unknown) => this.#log.error('student_not_closed', { reason: reasonOf(error) }))
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
