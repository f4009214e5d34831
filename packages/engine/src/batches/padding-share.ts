/**
 * The share of a batch's positions that hold nothing: 0 where all is useful.
 *
 * @param useful elements of all sequences
 * @param positions that are computed, rows times their length
 */
export function paddingShare(useful: number, positions: number): number {
  return positions === 0 ? 0 : 1 - useful / positions;
}
