/**
 * A text within a call, and what it is exchanged for.
 *
 * @module
 */

export interface FoundText {
  text: string;
  /** Names of members, roles, types, ids: a function of one's own is not asked about them. */
  isName: boolean;
}

export interface TextExchange {
  of(found: FoundText): string;
}
