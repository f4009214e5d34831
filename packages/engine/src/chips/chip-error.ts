import { KolbenError } from '../error.ts';

/** A chip that stopped working, or a program that failed on it. */
export class ChipError extends KolbenError {}
