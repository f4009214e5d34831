import type { Instruction, StageInstruction } from '../schedule/instruction.ts';

/**
 * When a chip does what it has to do once a step for each group of parameters: with the last instruction of the kind
 * for one of the group's stages, since the gradients of them all are complete by then. Groups by that stage.
 */
export function turnsOf<G extends { readonly stages: readonly number[] }>(
  instructions: readonly Instruction[],
  kind: StageInstruction['kind'],
  groups: readonly G[],
): Map<number, G[]> {
  const order = instructions.flatMap((one) => (one.kind === kind ? [one.stage] : []));
  const turns = new Map<number, G[]>(order.map((stage) => [stage, []]));
  for (const group of groups) {
    const last = order.findLast((stage) => group.stages.includes(stage));
    if (last !== undefined) turns.get(last)?.push(group);
  }
  return turns;
}
