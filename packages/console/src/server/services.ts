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
