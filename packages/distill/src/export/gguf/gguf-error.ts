import { KolbenError } from '@kolben/engine';

/** A model that cannot be written as GGUF; the sentence names what stands in the way. */
export class GgufError extends KolbenError {}
