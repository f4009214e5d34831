/**
 * Which chips hold which parameters, and who of them moves what.
 *
 * @module
 */
import type { Stage, StageParameter } from '../compile/stages.ts';
import type { Schedule } from '../schedule/instruction.ts';
import { elementsOf, type Share, sharesOf } from './shares.ts';

/**
 * Parameters that the same stages use. A chip holds each of them once, however many of the stages it executes.
 * Plain data.
 */
export interface ParameterGroup {
  /** Ascending. */
  readonly stages: readonly number[];
  readonly parameters: readonly StageParameter[];
  /** Chips, in the order in which their gradients are added up: by copy, then by stage. */
  readonly holders: readonly number[];
  /** What each holder moves. */
  readonly shares: readonly (readonly Share[])[];
}

export function groupElements({ parameters }: Pick<ParameterGroup, 'parameters'>): number {
  return parameters.reduce((sum, parameter) => sum + elementsOf(parameter), 0);
}

/** The groups of all parameters, by the first stage that uses them; `wholeParameters` as for `sharesOf`. */
export function parameterGroups(
  stages: readonly Pick<Stage, 'parameters'>[],
  { placement }: Pick<Schedule, 'placement'>,
  wholeParameters: boolean,
): ParameterGroup[] {
  const users = new Map<string, { parameter: StageParameter; stages: number[] }>();
  for (const [stage, { parameters }] of stages.entries()) {
    for (const parameter of parameters) {
      const user = users.get(parameter.name) ?? { parameter, stages: [] };
      user.stages.push(stage);
      users.set(parameter.name, user);
    }
  }
  const groups = new Map<string, { stages: number[]; parameters: StageParameter[] }>();
  for (const { parameter, stages } of users.values()) {
    const group = groups.get(String(stages)) ?? { stages, parameters: [] };
    group.parameters.push(parameter);
    groups.set(String(stages), group);
  }
  return [...groups.values()].map((group): ParameterGroup => {
    const holders = [...new Set(placement.flatMap((homes) => group.stages.map((stage) => homes[stage])))];
    return { ...group, holders, shares: sharesOf(group.parameters, holders.length, wholeParameters) };
  });
}
