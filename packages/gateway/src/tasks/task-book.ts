/**
 * What holds for a task at this moment: its route and its student.
 *
 * Both can change while the gateway runs, by another process too (`kolben` sets a route or registers a student in
 * the store). So they are read again when what is known is older than a quarter of a second, by the call that finds
 * it so; an idle gateway reads nothing. A switch holds for every call that comes in a quarter of a second later.
 *
 * @module
 */
import type { Route, Store } from '@kolben/store';
import { type Log, reasonOf } from '../log/log.ts';
import type { StudentReference } from '../students/student-pool.ts';
import type { Task } from './task.ts';

export interface TaskState {
  route: Route;
  /** The configured folder, else the student registered last; undefined: there is none. */
  student: StudentReference | undefined;
  /** Digests of students that keep their promise no longer: a cascade gives their calls to the teacher. */
  withdrawn: ReadonlySet<string>;
}

/** No student is withdrawn. */
export const nobody: ReadonlySet<string> = new Set();

export interface TaskBookOptions {
  store: Pick<Store, 'routes' | 'students' | 'watches'>;
  log: Log;
  /** How old what is known may be, milliseconds. 0 reads for every call. */
  refreshMs?: number;
  /**
   * How long before that it's read again already, by a call that doesn't wait for it: so in a busy gateway nobody ever
   * waits. Left out, 0.
   */
  aheadMs?: number;
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number;
}

interface Page {
  state: TaskState;
  readAt: number;
  reading: Promise<void> | undefined;
  /** Withdrawn since the reading under way began, which may not know of it. */
  fresh: Set<string>;
}

export class TaskBook {
  readonly #options: Required<TaskBookOptions>;
  readonly #pages = new Map<string, Page>();

  constructor(options: TaskBookOptions) {
    this.#options = { refreshMs: 250, aheadMs: 0, now: () => performance.now(), ...options };
  }

  async state(task: Task): Promise<TaskState> {
    let page = this.#pages.get(task.name);
    if (!page) {
      page = this.#begin(task);
    }
    const { now, refreshMs, aheadMs } = this.#options;
    const left = page.readAt + refreshMs - now();
    if (left <= aheadMs) {
      page.reading ??= this.#read(task, page);
      if (left <= 0) await page.reading;
    }
    return page.state;
  }

  /** A student of this gateway's own task was withdrawn just now: it holds from the next call on. */
  withdraw(task: string, digest: string): void {
    const page = this.#pages.get(task);
    if (!page) return;
    page.fresh.add(digest);
    page.state = { ...page.state, withdrawn: new Set([...page.state.withdrawn, digest]) };
  }

  #begin(task: Task): Page {
    const state = {
      route: task.config.route,
      student: configuredStudent(task),
      withdrawn: new Set<string>(),
    };
    const page = { state, readAt: Number.NEGATIVE_INFINITY, reading: undefined, fresh: new Set<string>() };
    this.#pages.set(task.name, page);
    return page;
  }

  async #read(task: Task, page: Page): Promise<void> {
    const { store, log, now } = this.#options;
    const readAt = now();
    page.fresh.clear();
    try {
      const route = (await store.routes.get(task.name)) ?? task.config.route;
      const student = configuredStudent(task) ?? (await store.students.current(task.name));
      const withdrawn = await store.watches.withdrawn(task.name);
      for (const digest of page.fresh) withdrawn.add(digest);
      if (page.readAt > Number.NEGATIVE_INFINITY && route !== page.state.route) {
        log.info('route_switched', { task: task.name, from: page.state.route, to: route });
      }
      page.state = { route, student, withdrawn };
    } catch (error) {
      // What was known last goes on to hold: a store that is busy must not stop the calls.
      log.error('task_state_not_read', { task: task.name, reason: reasonOf(error) });
    } finally {
      page.readAt = readAt;
      page.reading = undefined;
    }
  }
}

function configuredStudent(task: Task): StudentReference | undefined {
  const directory = task.config.student;
  return directory === undefined ? undefined : { id: undefined, directory, digest: undefined };
}
