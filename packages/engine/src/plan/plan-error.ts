import { KolbenError } from '../error.ts';

/** A plan that cannot be made. */
export class PlanError extends KolbenError {}
