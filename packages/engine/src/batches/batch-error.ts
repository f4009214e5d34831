import { KolbenError } from '../error.ts';

/** Sequences that cannot be put into batches as asked. */
export class BatchError extends KolbenError {}
