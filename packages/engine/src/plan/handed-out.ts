import type { Stage } from '../compile/stages.ts';
import { groupElements, parameterGroups } from '../run/parameter-groups.ts';
import type { Schedule } from '../schedule/instruction.ts';

/**
 * How many elements of gradients a chip hands out for each stage, and as many of weights it takes in: the average of
 * the stage's copies, where chips move equal shares. Parameters that several stages use count in equal parts.
 */
export function handedOut(
  stages: readonly Pick<Stage, 'parameters'>[],
  schedule: Pick<Schedule, 'placement'>,
): number[] {
  const elements = stages.map(() => 0);
  for (const group of parameterGroups(stages, schedule, false)) {
    const all = groupElements(group) * (group.holders.length - 1);
    for (const stage of group.stages)
      elements[stage] += all / (group.stages.length * schedule.placement.length);
  }
  return elements;
}
