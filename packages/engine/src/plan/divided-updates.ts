import { groupElements, type ParameterGroup } from '../run/parameter-groups.ts';
import { turnsOf } from '../run/turns-of.ts';
import type { Instruction } from '../schedule/instruction.ts';

/**
 * What the update of each stage takes if parameters that several use are charged to them in equal parts, from what
 * it took on one chip, which moves them with one of the stages. Times within a stage are divided by elements.
 *
 * @param measured milliseconds by stage
 * @param instructions the chip's list
 */
export function dividedUpdates(
  measured: readonly number[],
  groups: readonly ParameterGroup[],
  instructions: readonly Instruction[],
): number[] {
  const divided = measured.map(() => 0);
  for (const [stage, moved] of turnsOf(instructions, 'update', groups)) {
    const sizes = moved.map(groupElements);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total === 0) divided[stage] += measured[stage];
    for (const [i, { stages }] of moved.entries()) {
      const cost = total === 0 ? 0 : (measured[stage] * sizes[i]) / total;
      for (const user of stages) divided[user] += cost / stages.length;
    }
  }
  return divided;
}
