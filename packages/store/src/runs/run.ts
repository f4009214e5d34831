/**
 * Runs: the trainings of students, as everybody sees them who shares the store. The work is in `runs.ts`.
 *
 * The process that trains writes down how far it is, again and again; whoever looks reads that. What the parts of it that
 * are JSON mean is known to who writes them (`@kolben/distill`): here they have only a size.
 *
 * @module
 */

/** What its examples are: recorded calls, a file, or inputs that are labelled meanwhile. */
export type RunSource = 'calls' | 'file' | 'labelling';

/** How a run ended. */
export type RunEnd = 'done' | 'stopped' | 'failed';

/** `interrupted`: its process said for long enough that it is at work, and then no more. */
export type RunState = 'running' | 'interrupted' | RunEnd;

/** Where a run is executed. */
export interface RunProcess {
  readonly host: string;
  readonly pid: number;
  readonly cpu: string;
  /** Cores that the process may use. */
  readonly cores: number;
  readonly node: string;
}

export interface NewRun {
  /** Of `newRunId`; left out, a new one. */
  readonly id?: string;
  readonly task: string;
  readonly source: RunSource;
  readonly process: RunProcess;
  /** What it was told, JSON: enough to go on with it. */
  readonly settings: Record<string, unknown>;
}

/** What has changed since the last time. Parts that are left out stay as they are. */
export interface RunChange {
  readonly kind?: string;
  /** JSON. */
  readonly dataset?: unknown;
  readonly plan?: unknown;
  readonly progress?: unknown;
  readonly timeline?: unknown;
  /** Points that are new; those of steps that are there already take their place. */
  readonly points?: readonly RunPoint[];
}

/** How a run was at one of its steps. */
export interface RunPoint {
  /** Steps that were done then, from 1. */
  readonly step: number;
  /** Mean over the steps since the point before. */
  readonly loss: number;
  readonly learningRate: number;
  /** Useful tokens in a second, over the latest seconds; null where there is nothing to reckon from yet. */
  readonly tokensPerSecond: number | null;
  /** What the validation split said after this step; null where it was not looked at. */
  readonly agreement: number | null;
  readonly validationLoss: number | null;
}

export interface Run {
  readonly id: string;
  readonly task: string;
  readonly source: RunSource;
  /** The kind of its task; null until its dataset is there. */
  readonly kind: string | null;
  readonly state: RunState;
  readonly begunAt: Date;
  /** When its process last said that it is at work. */
  readonly beatAt: Date;
  readonly endedAt: Date | null;
  /** When somebody asked it to stop. */
  readonly stopWantedAt: Date | null;
  readonly process: RunProcess;
  readonly settings: Record<string, unknown>;
  readonly dataset: unknown;
  readonly progress: unknown;
  /** What it led to: JSON of who wrote it. Null until it has ended. */
  readonly end: unknown;
}

/** The same with the parts that can be large. */
export interface WholeRun extends Run {
  readonly plan: unknown;
  readonly timeline: unknown;
}

export interface RunPage {
  readonly task?: string;
  /** At most so many, the latest first; 1 … 1,000, 50 where left out. */
  readonly limit?: number;
  /** Only runs that began before this moment. */
  readonly before?: Date;
}

export interface Runs {
  /** @returns its id */
  begin(run: NewRun): Promise<string>;
  /**
   * Another process goes on with a run that has ended without a student.
   *
   * @param how `isAlone`: who asks holds what keeps others from this training, so that whoever was at it is no more, even
   *   if its silence is short yet
   * @returns whether it may: not where it is done, or a process is at it
   */
  goOn(id: string, process: RunProcess, how?: { isAlone?: boolean }): Promise<boolean>;
  /**
   * Says that the process is at work, and what has changed.
   *
   * @returns whether somebody wants it to stop
   */
  note(id: string, change?: RunChange): Promise<boolean>;
  /** @param facts JSON: the student, or the code of the error */
  end(id: string, how: RunEnd, facts?: Record<string, unknown>): Promise<void>;
  /**
   * Asks a run to stop, which its process sees when it next says that it is at work.
   *
   * @returns whether there is one that is running
   */
  wantStop(id: string): Promise<boolean>;
  get(id: string): Promise<WholeRun | undefined>;
  /** The latest first. */
  list(page?: RunPage): Promise<Run[]>;
  /** By step. */
  points(id: string, options?: { after?: number }): Promise<RunPoint[]>;
}
