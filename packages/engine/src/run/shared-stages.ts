import type { Stage } from '../compile/stages.ts';

/** The groups of stages that have a parameter in common, each once: what a schedule must know about the model. */
export function sharedStages(stages: readonly Pick<Stage, 'parameters'>[]): number[][] {
  const users = new Map<string, number[]>();
  for (const [stage, { parameters }] of stages.entries())
    for (const { name } of parameters) users.set(name, [...(users.get(name) ?? []), stage]);
  const groups = [...users.values()].filter((group) => group.length > 1);
  return [...new Map(groups.map((group) => [String(group), group])).values()];
}
