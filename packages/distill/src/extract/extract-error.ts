import { KolbenError } from '@kolben/engine';

/** Answers that no extraction can be made of, or a schema that doesn't fit them. */
export class ExtractError extends KolbenError {}
