/**
 * From what was measured to what a schedule takes: the cost model of a plan.
 *
 * @module
 */
import { portBytes } from '../compile/port-bytes.ts';
import type { Port } from '../compile/program.ts';
import type { Stage } from '../compile/stages.ts';
import type { Schedule } from '../schedule/instruction.ts';
import { type CostModel, simulate } from '../simulate/simulate.ts';
import { handedOut } from './handed-out.ts';
import type { ModelCosts, PieceCost } from './model-costs.ts';
import { type SteadyStep, steadyStep } from './steady-step.ts';

/** The schedule whose step is predicted, and the model that it is for. */
export interface PredictedRun {
  readonly schedule: Schedule;
  readonly stages: readonly Pick<Stage, 'blocks' | 'parameters' | 'receives' | 'receivesGradients'>[];
  /** Extents of a microbatch. */
  readonly bounds: Readonly<Record<string, number>>;
}

/** Steps before the pipeline is full, and those that count. */
const [warmUp, counted] = [2, 3];

/**
 * Simulates several steps under the measured costs, and puts what the simulation knows nothing of on top: see
 * `ModelCosts.strain`.
 */
export function predictStep(run: PredictedRun, costs: ModelCosts): SteadyStep {
  const simulated = simulatedStep(run, costs);
  return { ...simulated, ms: simulated.ms * strainOf(run.schedule, costs) };
}

/** The same without `strain`. */
export function simulatedStep(run: PredictedRun, costs: Omit<ModelCosts, 'strain'>): SteadyStep {
  const timeline = simulate(run.schedule, costModel(run, costs), { steps: warmUp + counted + 1 });
  return steadyStep(timeline, warmUp);
}

function strainOf({ chips }: Schedule, { strain }: ModelCosts): number {
  if (chips.length === 1) return strain.alone;
  return chips.flat().some(({ kind }) => kind === 'scatter') ? strain.exchange : strain.pipeline;
}

function costModel({ schedule, stages, bounds }: PredictedRun, costs: Omit<ModelCosts, 'strain'>): CostModel {
  const copies = schedule.placement.length;
  const handed = handedOut(stages, schedule);
  /** Whether a stage's neighbour is on another chip, in any of its copies. */
  const isApart = (stage: number, neighbour: number) =>
    schedule.placement.some((homes) => homes[neighbour] !== undefined && homes[neighbour] !== homes[stage]);
  let next = 0;
  const perStage = stages.map((stage, index) => {
    const from = next;
    for (let blocks = 0; blocks < stage.blocks.length; next++) blocks += costs.pieces[next].length;
    const members = costs.costs.slice(from, next);
    const sum = (kind: keyof PieceCost) =>
      members.reduce((total, cost) => total + cost[kind], 0) - (members.length - 1) * costs.perProgram[kind];
    // What is sent was copied when the piece was measured too: to the next piece, on the same chip.
    const taken = (ports: readonly Port[], neighbour: number) =>
      isApart(index, neighbour) ? costs.receive.message + costs.receive.byte * bytesOf(ports, bounds) : 0;
    return {
      forward: sum('forward') + taken(stage.receives, index - 1),
      backwardInput: sum('backwardInput') + taken(stage.receivesGradients, index + 1),
      backwardWeight: sum('backwardWeight'),
      // Everybody moves a share, after adding up the others' gradients for it.
      update: sum('update') / copies + handed[index] * costs.exchange.sum,
      scatter: handed[index] * costs.exchange.scatter,
      gather: handed[index] * costs.exchange.gather,
    };
  });
  const by = (kind: keyof (typeof perStage)[number]) => perStage.map((stage) => Math.max(0, stage[kind]));
  return {
    forward: by('forward'),
    backwardInput: by('backwardInput'),
    backwardWeight: by('backwardWeight'),
    update: by('update'),
    scatter: by('scatter'),
    gather: by('gather'),
    transfer: costs.wake,
  };
}

/** The bytes of all of them together. */
export function bytesOf(ports: readonly Port[], extents: Readonly<Record<string, number>>): number {
  return ports.reduce((sum, port) => sum + portBytes(port, extents), 0);
}
