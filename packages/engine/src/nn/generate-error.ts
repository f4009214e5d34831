import { KolbenError } from '../error.ts';

/** What cannot be generated from. */
export class GenerateError extends KolbenError {}
