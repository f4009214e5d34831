/**
 * What the console's server side works with: everything is handed in, it opens no connection and starts no process.
 *
 * @module
 */
import type { Config, GatewayInside } from '@kolben/gateway';
import type { Session, Store } from '@kolben/store';

export interface ConsoleServices {
  store: Store;
  config: Config;
  /** What the running gateway knows and can do. */
  inside: GatewayInside;
  /** Begins trainings and goes on with them; left out where this gateway doesn't train. */
  trainings?: ConsoleTrainings | undefined;
  /** What `kolben watch` would do; left out where nothing watches. */
  watch?: WatchActs;
  /** The clock of sessions; left out, the machine's. */
  now?: () => Date;
}

/** Trainings in this process, beside the gateway. */
export interface ConsoleTrainings {
  /** Of a task's recorded calls. @returns the run's id @throws KolbenError where it can't begin */
  start(task: string): Promise<string>;
  /** @throws KolbenError where there is nothing to go on with */
  resume(run: string): Promise<void>;
}

/** The watch over tasks, which lives in `kolben`. */
export interface WatchActs {
  next(task: string): Promise<NextStep>;
  /** Takes its last step back; says in a sentence what was done. @throws KolbenError `watch_nothing_to_undo` */
  undo(task: string, actor: string): Promise<string>;
}

/** What the watch would do next for a task, and why. */
export interface NextStep {
  kind: 'wait' | 'distil' | 'route';
  to?: string;
  reason: WatchReason;
  /** Of the terms that forbid a student of the task's calls, the values that `TermsError` has; null: none are known. */
  refusal: WatchReason['values'] | null;
  /** The watch took a step that can be taken back. */
  canUndo: boolean;
}

/** Why the watch waits or goes on. Shares from 0 to 1, numbers of calls; of `terms_forbidden` what `TermsError` has. */
export interface WatchReason {
  readonly code:
    | 'interrupted'
    | 'route_student'
    | 'withdrawn'
    | 'certified'
    | 'shadow_missing'
    | 'shadow_agreed'
    | 'shadow_disagreed'
    | 'pinned'
    | 'calls_missing'
    | 'new_calls_missing'
    | 'calls_enough'
    | 'new_calls_enough'
    | 'terms_forbidden';
  readonly values: Readonly<Record<string, string | number>>;
}

/** What handlers find in their context. */
export interface ConsoleEnv {
  Variables: {
    /** Whose browser it is. */
    session: Session;
    /** Its token, for what outlives the request. */
    token: string;
  };
  /** Node's own request, of `@hono/node-server`. */
  Bindings: { incoming?: { socket?: { remoteAddress?: string } } };
}

export const nowOf = (services: ConsoleServices): Date => services.now?.() ?? new Date();
