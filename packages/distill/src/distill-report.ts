/**
 * What `distill` tells of its student.
 *
 * @module
 */
import type { Timeline } from '@kolben/engine';
import type { Certificate, WalkStep } from './certificates/certificate.ts';
import type { Conflict, DatasetCounts } from './datasets/dataset.ts';
import type { IncumbentReport } from './students/judge-incumbent.ts';
import type { StudentTask } from './students/task.ts';

/** A task without its name. */
export type NamelessTask = WithoutName<StudentTask>;
type WithoutName<Task> = Task extends unknown ? Omit<Task, 'name'> : never;

/** What `kolben distill --json` prints, and what a report shows beside it. */
export interface DistillReport {
  readonly student: string;
  readonly task: NamelessTask;
  readonly dataset: DatasetCounts & { readonly digest: string };
  readonly training: {
    /** Wall time of the steps; of an interrupted training without the time in which no process was at work. */
    readonly seconds: number;
    /** Words or tokens read in all steps. */
    readonly tokens: number;
    /** The same in a second. What fills up short texts doesn't count. */
    readonly tokensPerSecond: number;
    /** Share of the computed positions of words that only fill up short texts, 0 to 1. */
    readonly paddingShare: number;
    readonly steps: number;
    /** The step from which an interrupted training went on; 0 if there was none. */
    readonly resumedAt: number;
    readonly chips: number;
    readonly schedule: string;
    /** Why the planner chose it, in a sentence. */
    readonly reason: string;
    /** Share of the chips' time in which they wait, over the latest steps; as planned where no step was left to do. */
    readonly bubble: number;
  };
  readonly test: { readonly n: number; readonly agreement: number };
  /** Agreement on the test split. */
  readonly baselines: {
    readonly majority: number;
    /** Null where answers aren't single labels. */
    readonly ngramLinear: number | null;
  };
  readonly certificate: Certificate | null;
  /** Why there is no certificate. */
  readonly reason?: string;
  /** The student in service on the same calibration examples, where one was named. */
  readonly incumbent?: IncumbentReport;
  readonly warnings: readonly string[];
  readonly details: DistillDetails;
}

export interface DistillDetails {
  readonly digest: string;
  readonly seed: number;
  readonly losses: readonly number[];
  readonly validation: readonly {
    readonly step: number;
    readonly loss: number;
    readonly agreement: number;
  }[];
  /**
   * The latest steps as they ran, and as the simulator times them from the same costs. Undefined where an interrupted
   * training had no step left to do.
   */
  readonly timeline: { readonly real: Timeline; readonly simulated: Timeline } | undefined;
  readonly stages: readonly (readonly string[])[];
  readonly testInterval: readonly [number, number];
  /** Test examples by teacher's label (rows) and student's (columns); null where answers aren't single labels. */
  readonly confusion: readonly (readonly number[])[] | null;
  readonly walk: readonly WalkStep[];
  readonly conflicts: readonly Conflict[];
  readonly selfAgreement: { readonly inputs: number; readonly agreement: number } | null;
}
