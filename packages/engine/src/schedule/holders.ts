/**
 * Which copies of which stages must agree on their weights.
 *
 * @module
 */
import type { Schedule, StageCopy } from './instruction.ts';

type Homes = Pick<Schedule, 'placement' | 'shared'>;

/**
 * The copies of all stages that hold a parameter of `stage`, its own copies included: by copy, then by stage. It is
 * the order in which gradients are added up.
 */
export function sharersOf({ placement, shared }: Homes, stage: number): StageCopy[] {
  const stages = new Set([stage, ...shared.filter((group) => group.includes(stage)).flat()]);
  const ascending = [...stages].sort((a, b) => a - b);
  return placement.flatMap((_, copy) => ascending.map((one) => ({ stage: one, copy })));
}

/** Whether parameters of `stage` live on several chips, which must then exchange gradients and weights. */
export function isExchanged(homes: Homes, stage: number): boolean {
  const chips = sharersOf(homes, stage).map((one) => homes.placement[one.copy]?.[one.stage]);
  return new Set(chips).size > 1;
}

/**
 * For each stage, the stages whose exchange its own is a part of, itself included; none where nothing is exchanged.
 * Found once for a whole schedule: to ask stage by stage takes time with the square of the copies.
 */
export function exchangePartners(schedule: Homes & Pick<Schedule, 'stages'>): number[][] {
  const stages = Array.from({ length: schedule.stages }, (_, stage) => stage);
  const exchanged = stages.map((stage) => isExchanged(schedule, stage));
  return stages.map((stage) => {
    if (!exchanged[stage]) return [];
    const sharers = new Set(sharersOf(schedule, stage).map((one) => one.stage));
    return [...sharers].filter((one) => exchanged[one]);
  });
}
