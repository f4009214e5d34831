import { KolbenError } from '@kolben/engine';

/** A JSON schema that answers cannot be held to; the sentence names the place and the way out. */
export class SchemaError extends KolbenError {}
