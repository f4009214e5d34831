/**
 * What the texts of a call are exchanged for.
 *
 * @module
 */
export interface TextExchange {
  /** @param isName of names of members, roles, types, ids: a function of one's own is not asked about them */
  of(text: string, isName: boolean): string;
}
