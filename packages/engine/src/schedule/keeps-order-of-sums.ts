import { passesOf, type Schedule } from './instruction.ts';

/**
 * Whether the schedule adds gradients up in the order of one chip, and so gives its very weights: there is one copy
 * of each stage, no two stages have a parameter in common, and each adds microbatch after microbatch.
 */
export function keepsOrderOfSums({ placement, shared, chips }: Schedule): boolean {
  if (placement.length > 1 || shared.length > 0) return false;
  const latest = new Map<number, number>();
  for (const { kind, stage, microbatch } of chips.flat().flatMap(passesOf)) {
    if (kind !== 'backwardWeight') continue;
    if (microbatch < (latest.get(stage) ?? 0)) return false;
    latest.set(stage, microbatch);
  }
  return true;
}
