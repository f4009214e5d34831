/**
 * The student that a new one of its task would follow, and the rule by which the new one takes its place.
 *
 * @module
 */
import type { DistillOptions, DistillReport } from '@kolben/distill';
import type { RegisteredStudent, Store } from '@kolben/store';

export interface StudentInService {
  readonly current: RegisteredStudent | undefined;
  /** For `distill`: so that the two are judged by the same examples. */
  readonly options: Pick<DistillOptions, 'parent' | 'incumbent'>;
  /**
   * Where there is none, any student may take the place; where it was withdrawn, one with a certificate; else one whose
   * certificate on the same calibration examples is the better.
   */
  isOutdoneBy(report: DistillReport): boolean;
}

export async function studentInService(store: Store, task: string): Promise<StudentInService> {
  const current = await store.students.current(task);
  const withdrawn = current !== undefined && (await store.watches.withdrawn(task)).has(current.digest);
  return {
    current,
    options: current ? { parent: current.digest, incumbent: current.directory } : {},
    isOutdoneBy: ({ certificate, incumbent }) =>
      current === undefined || (withdrawn ? certificate !== null : incumbent?.outdone === true),
  };
}
