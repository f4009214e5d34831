import { KolbenError } from '@kolben/engine';

/** An export that could not be written; the sentence begins with where to. */
export class ExportError extends KolbenError {}
