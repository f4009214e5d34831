/**
 * Each task at a glance: its route, who answers, and how its student stands.
 *
 * @module
 */
import type { LedgerRow, Route } from '@kolben/store';
import type { ConsoleServices } from '../services.ts';

/**
 * How a task's student stands: there is none; it has no certificate; it has one; it had one and was withdrawn.
 * `folder`: the configuration names a folder, of which the store knows no certificate.
 */
export type StudentState = 'none' | 'uncertified' | 'certified' | 'withdrawn' | 'folder';

export interface TaskFacts {
  name: string;
  kind: string;
  route: Route;
  /** `provider/model` */
  teacher: string;
  /** Id, or the folder that the configuration names. */
  student: string | null;
  state: StudentState;
  /** What the certificate says: at most `alpha` disagreement, with probability 1 − `delta`, for a share `coverage`. */
  certificate: { alpha: number; delta: number; coverage: number } | null;
  /** In the span of time. Money in USD. */
  calls: number;
  byStudent: number;
  cost: number;
  saved: number;
}

export async function taskFacts(
  { store, config, inside }: ConsoleServices,
  rows: readonly LedgerRow[],
): Promise<TaskFacts[]> {
  const { tasks } = await inside.status();
  return Promise.all(
    tasks.map(async ({ name, kind, route, teacher, student }): Promise<TaskFacts> => {
      const own = rows.filter((row) => row.task === name);
      const sum = (of: (row: LedgerRow) => number) => own.reduce((total, row) => total + of(row), 0);
      const isFolder = config.tasks[name]?.student !== undefined;
      const current = isFolder ? undefined : await store.students.current(name);
      const withdrawn = await store.watches.withdrawn(name);
      return {
        ...{ name, kind, route, teacher, student },
        state: isFolder
          ? 'folder'
          : current === undefined
            ? 'none'
            : withdrawn.has(current.digest)
              ? 'withdrawn'
              : current.certificate === null
                ? 'uncertified'
                : 'certified',
        certificate: certificateOf(current?.certificate ?? null),
        calls: sum(({ calls }) => calls),
        byStudent: sum(({ calls, answeredBy }) => (answeredBy === 'student' ? calls : 0)),
        cost: sum(({ cost }) => cost),
        saved: sum(({ saved }) => saved),
      };
    }),
  );
}

function certificateOf(stored: Record<string, unknown> | null): TaskFacts['certificate'] {
  const { alpha, delta, coverage } = stored ?? {};
  return typeof alpha === 'number' && typeof delta === 'number' && typeof coverage === 'number'
    ? { alpha, delta, coverage }
    : null;
}
