/**
 * Whether a student answers, in one word: whoever tells of it goes by this, so that no two places say different things.
 *
 * @module
 */
import type { Route } from '@kolben/store';

/**
 * - `answering`: its answers go to clients, in a cascade those that it is sure of.
 * - `forced`: it is withdrawn, and answers all the same, because the route is `student`.
 * - `shadowing`: it is asked, and nobody gets its answers.
 * - `uncertified`: the route is `cascade`, and without a certificate the teacher answers everything.
 * - `unasked`: the route is `teacher`.
 * - `withdrawn`: it kept its promise no longer, and the teacher answers everything.
 * - `waiting`: another student has the place.
 */
export type ServiceState =
  | 'answering'
  | 'forced'
  | 'shadowing'
  | 'uncertified'
  | 'unasked'
  | 'withdrawn'
  | 'waiting';

export interface StudentStanding {
  route: Route;
  /** It has the place: the configuration names it, or it was promoted last. */
  isCurrent: boolean;
  isWithdrawn: boolean;
  isCertified: boolean;
}

export function serviceState({ route, isCurrent, isWithdrawn, isCertified }: StudentStanding): ServiceState {
  if (!isCurrent) return 'waiting';
  if (route === 'student') return isWithdrawn ? 'forced' : 'answering';
  if (isWithdrawn) return 'withdrawn';
  if (route === 'teacher') return 'unasked';
  if (route === 'shadow') return 'shadowing';
  return isCertified ? 'answering' : 'uncertified';
}
