/**
 * What a run needs on each chip, before it begins.
 *
 * Counted is what the engine itself allocates. The kernels' own scratch memory comes on top; it is that of a single
 * program at a time.
 *
 * @module
 */
import { Channel } from '../chips/channel.ts';
import { portBytes } from '../compile/port-bytes.ts';
import type { Port } from '../compile/program.ts';
import type { Stage } from '../compile/stages.ts';
import { chipOf, passesOf, type Schedule, stagesOn } from '../schedule/instruction.ts';
import { sizeClass } from './buffer-pool.ts';
import { endsOf } from './ends-of.ts';
import { movedByMuon, needsWholeParameters, type OptimizerOptions } from './optimizer.ts';
import { groupElements, parameterGroups } from './parameter-groups.ts';
import { elementsOf } from './shares.ts';
import { TrainError } from './train-error.ts';

/** Bytes on one chip. */
export interface ChipMemory {
  /** Parameters and the sums of their gradients; of those that are frozen, themselves alone. */
  readonly parameters: number;
  /** Moments or momentum, and the running mean where there is one. */
  readonly optimizer: number;
  /** Activations and what goes with them, at the peak. */
  readonly activations: number;
  /** Channels that this chip writes to, and what it hands out to others that hold the same parameters. */
  readonly shared: number;
  readonly total: number;
}

/** The run whose memory `memoryOf` predicts. */
export interface MemoryOptions {
  readonly schedule: Schedule;
  readonly stages: readonly Stage[];
  /** The largest extent of each symbolic dimension. */
  readonly bounds: Readonly<Record<string, number>>;
  /** Whether a running mean is kept. */
  readonly averages: boolean;
  readonly optimizer: OptimizerOptions;
}

/**
 * The bytes that each chip needs if every microbatch has the extents in `bounds`.
 *
 * @throws RangeError for a dimension without a bound.
 */
export function memoryOf(options: MemoryOptions): ChipMemory[] {
  const { schedule, stages, bounds, averages } = options;
  const groups = parameterGroups(stages, schedule, needsWholeParameters(options.optimizer));
  const sizeOf = (port: Port) => portBytes(port, bounds);
  return schedule.chips.map((_, chip): ChipMemory => {
    let parameters = 0;
    let optimizer = 0;
    const frozen = stagesOn(schedule, chip).flatMap(({ stage }) => stages[stage].frozen);
    for (const one of new Map(frozen.map((one) => [one.name, one])).values())
      parameters += 4 * elementsOf(one);
    let shared = channelBytes(schedule, stages, chip, sizeOf);
    for (const group of groups) {
      const { holders, shares } = group;
      if (!holders.includes(chip)) continue;
      const elements = groupElements(group);
      parameters += 8 * elements;
      for (const { parameter, start, end } of shares[holders.indexOf(chip)]) {
        const moments = movedByMuon(group.parameters[parameter], options.optimizer) ? 1 : 2;
        optimizer += 4 * (moments + Number(averages)) * (end - start);
      }
      // The weights that are handed out are one piece of memory for all holders.
      if (holders.length > 1) shared += 4 * elements + (4 * elements) / holders.length;
    }
    const activations = peakActivations(schedule, stages, chip, sizeOf);
    return {
      parameters,
      optimizer,
      activations,
      shared,
      total: parameters + optimizer + activations + shared,
    };
  });
}

/**
 * @param limit bytes that a chip may use: one number for all, or one for each
 * @throws TrainError (`train_memory`) naming the chip that needs more.
 */
export function checkMemory(needs: readonly ChipMemory[], limit: number | readonly number[]): void {
  for (const [chip, { total }] of needs.entries()) {
    const allowed = typeof limit === 'number' ? limit : (limit[chip] ?? Number.POSITIVE_INFINITY);
    if (total <= allowed) continue;
    throw new TrainError(
      'train_memory',
      `Chip ${chip} would need ${mebibytes(total)} and may use ${mebibytes(allowed)}; use more stages, smaller microbatches, recomputation, or a schedule with fewer activations.`,
    );
  }
}

/** A number of bytes for people: `"12.3 MiB"`. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 2 : 1)} MiB`;
}

/** Memory of the channels that the chip writes to. */
function channelBytes(
  schedule: Schedule,
  stages: readonly Stage[],
  chip: number,
  sizeOf: (port: Port) => number,
): number {
  const capacities = new Map<string, number>();
  for (const instruction of schedule.chips[chip]) {
    if (instruction.kind !== 'send') continue;
    const { payload, stage, peer } = instruction;
    const ports = payload === 'activation' ? stages[stage].sends : stages[stage].sendsGradients;
    const key = `${payload} ${stage} ${peer}`;
    capacities.set(key, (capacities.get(key) ?? 0) + ports.reduce((sum, port) => sum + sizeOf(port), 0));
  }
  return [...capacities.values()].reduce((sum, capacity) => sum + Channel.bytes(capacity), 0);
}

/** Walks the chip's list and keeps account of what is alive, as the executor does. */
function peakActivations(
  schedule: Schedule,
  stages: readonly Stage[],
  chip: number,
  sizeOf: (port: Port) => number,
): number {
  const list = schedule.chips[chip];
  const ends = endsOf(list);
  const alive = new Map<string, number>();
  let used = 0;
  let peak = 0;
  const take = (stage: number, microbatch: number, ports: readonly Port[]) => {
    const bytes = ports.reduce((sum, port) => sum + sizeClass(sizeOf(port)), 0);
    alive.set(`${stage} ${microbatch}`, (alive.get(`${stage} ${microbatch}`) ?? 0) + bytes);
    used += bytes;
    peak = Math.max(peak, used);
  };
  const handOver = (to: number, microbatch: number, ports: readonly Port[]) => {
    if (chipOf(schedule, to, microbatch) === chip) take(to, microbatch, ports);
  };
  for (const [position, instruction] of list.entries()) {
    if (instruction.kind === 'receive') {
      const { stage, microbatch, payload } = instruction;
      take(
        stage,
        microbatch,
        payload === 'activation' ? stages[stage].receives : stages[stage].receivesGradients,
      );
    }
    for (const { kind, stage, microbatch } of passesOf(instruction)) {
      const { forward, backwardInput, dropouts, sends, sendsGradients } = stages[stage];
      if (kind === 'forward') {
        take(
          stage,
          microbatch,
          dropouts.map(({ port, shape }) => ({ name: port, dtype: 'float32', shape })),
        );
        take(stage, microbatch, forward.outputs);
        handOver(stage + 1, microbatch, sends);
      } else if (kind === 'backwardInput') {
        take(stage, microbatch, backwardInput?.outputs ?? []);
        handOver(stage - 1, microbatch, sendsGradients);
      }
    }
    for (const { stage, microbatch } of ends.get(position) ?? []) {
      used -= alive.get(`${stage} ${microbatch}`) ?? 0;
      alive.delete(`${stage} ${microbatch}`);
    }
  }
  return peak;
}
