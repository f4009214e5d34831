import { KolbenError } from '@kolben/engine';

/** What is wrong with the base that a student should stand on, or with its way here. */
export class BaseError extends KolbenError {}
