/**
 * What a JSON schema permits, as a grammar over bytes.
 *
 * @module
 */
import type { NumberRange } from './number-range.ts';

/** A piece of what may be written. */
export type Grammar =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'string'; readonly least: number; readonly most: number }
  | { readonly kind: 'number'; readonly range: NumberRange }
  | { readonly kind: 'choice'; readonly of: readonly Grammar[] }
  | { readonly kind: 'array'; readonly item: Grammar; readonly least: number; readonly most: number }
  | { readonly kind: 'object'; readonly properties: readonly GrammarProperty[] };

export interface GrammarProperty {
  readonly name: string;
  /** The name as a JSON string with the colon behind it. */
  readonly key: Uint8Array;
  readonly value: Grammar;
  readonly required: boolean;
}
