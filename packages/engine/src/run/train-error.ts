import { KolbenError } from '../error.ts';

/** A run that cannot begin or cannot go on. */
export class TrainError extends KolbenError {}
