/**
 * Whether a student answers, read from its task's route, from what withdrew it, and from who has the place.
 *
 * @module
 */
import { type ServiceState, serviceState } from '@kolben/gateway/students';
import type { ConsoleServices } from '../services.ts';

export interface Service {
  readonly state: ServiceState;
  /** ISO 8601; null: it isn't withdrawn. */
  readonly withdrawnAt: string | null;
}

export interface OfStudent {
  task: string;
  digest: string;
  /** It has the task's place. */
  isCurrent: boolean;
  isCertified: boolean;
}

export async function serviceOf(
  { store, config }: Pick<ConsoleServices, 'store' | 'config'>,
  { task, digest, isCurrent, isCertified }: OfStudent,
): Promise<Service> {
  const configured = Object.hasOwn(config.tasks, task) ? config.tasks[task]!.route : 'teacher';
  const route = (await store.routes.get(task)) ?? configured;
  const withdrawnAt = (await store.watches.get(task, digest))?.withdrawnAt ?? null;
  return {
    state: serviceState({ route, isCurrent, isWithdrawn: withdrawnAt !== null, isCertified }),
    withdrawnAt: withdrawnAt?.toISOString() ?? null,
  };
}
