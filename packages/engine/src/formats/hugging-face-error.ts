import { KolbenError } from '../error.ts';

/** A configuration or weights that make no model of ours; the sentence names the field or the tensor. */
export class HuggingFaceError extends KolbenError {}
