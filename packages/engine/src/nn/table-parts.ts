/**
 * How the table of a decoder's head is divided by rows, and what its parts are called.
 *
 * @module
 */
import { GraphError } from '../graph/graph.ts';

/** Rows of the table, from `start` to `end`, not included. */
export interface TablePart {
  readonly start: number;
  readonly end: number;
}

/** @throws GraphError for no part, or for one without rows. */
export function partsOf(vocabulary: number, parts: number): TablePart[] {
  if (!Number.isInteger(parts) || parts < 1 || parts > vocabulary)
    throw new GraphError(
      'graph_head_parts',
      `A head of ${vocabulary} rows cannot have ${parts} parts; give 1 to ${vocabulary}.`,
    );
  return Array.from({ length: parts }, (_, part) => {
    const [start, end] = [part, part + 1].map((i) => Math.floor((vocabulary * i) / parts));
    return { start, end };
  });
}

/** The parameter that is the whole table: that of the tokens, if the head has none of its own. */
export function wholeName(tied: boolean): string {
  return tied ? 'embed.tokens' : 'head0.table';
}

/** The parameter of one of several parts. */
export function partName(tied: boolean, part: number): string {
  return tied ? `embed.tokens${part}` : `head${part}.table`;
}
