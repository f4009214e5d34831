/**
 * Each task at a glance: its route, who answers, and how its student stands.
 *
 * @module
 */

import type { ServiceState } from '@kolben/gateway/students';
import type { LedgerRow, Route } from '@kolben/store';
import type { ConsoleServices } from '../services.ts';
import { serviceOf } from '../students/service-of.ts';
import { certificateOf } from '../tasks/certificate-of.ts';
import type { KnownFacts } from '../tasks/folder-facts.ts';

export interface TaskFacts {
  name: string;
  kind: string;
  route: Route;
  /** `provider/model` */
  teacher: string;
  /** Id, or the folder that the configuration names. */
  student: string | null;
  /** Whether it answers, and why not; null: there is none. */
  state: ServiceState | null;
  /** What the certificate says: at most `alpha` disagreement, with probability 1 − `delta`, for a share `coverage`. */
  certificate: { alpha: number; delta: number; coverage: number } | null;
  /** In the span of time. Money in USD. */
  calls: number;
  byStudent: number;
  cost: number;
  saved: number;
}

export async function taskFacts(
  services: ConsoleServices,
  folders: KnownFacts,
  rows: readonly LedgerRow[],
): Promise<TaskFacts[]> {
  const { store, config, inside } = services;
  const { tasks } = await inside.status();
  return Promise.all(
    tasks.map(async ({ name, kind, route, teacher, student }): Promise<TaskFacts> => {
      const own = rows.filter((row) => row.task === name);
      const sum = (of: (row: LedgerRow) => number) => own.reduce((total, row) => total + of(row), 0);
      const folder = config.tasks[name]?.student;
      const current = folder === undefined ? await store.students.current(name) : await folders.get(folder);
      const certificate = certificateOf(current?.certificate);
      const place = current && { task: name, digest: current.digest, isCurrent: true };
      const service = place && (await serviceOf(services, { ...place, isCertified: certificate !== null }));
      return {
        ...{ name, kind, route, teacher, student, certificate, state: service?.state ?? null },
        calls: sum(({ calls }) => calls),
        byStudent: sum(({ calls, answeredBy }) => (answeredBy === 'student' ? calls : 0)),
        cost: sum(({ cost }) => cost),
        saved: sum(({ saved }) => saved),
      };
    }),
  );
}
