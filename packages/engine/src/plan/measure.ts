/**
 * What each piece of a model takes, measured on the actual chips by the very programs that a run executes, all chips
 * at work at once: they slow each other down, and in a run they will.
 *
 * @module
 */
import type { Chip } from '../chips/chip.ts';
import { possibleCuts } from '../compile/possible-cuts.ts';
import type { Value } from '../graph/graph.ts';
import type { Microbatch } from '../run/microbatch-orders.ts';
import { needsWholeParameters } from '../run/optimizer.ts';
import { parameterGroups } from '../run/parameter-groups.ts';
import { type TrainOptions, train } from '../run/train.ts';
import { sequential } from '../schedule/sequential.ts';
import { costsOf } from '../simulate/costs-of.ts';
import { median } from '../simulate/median.ts';
import { dividedUpdates } from './divided-updates.ts';

/**
 * Milliseconds: of F, B and W for a microbatch, of the update for a step. The update of what several pieces use is
 * charged to each in equal parts.
 */
export interface PieceCost {
  readonly forward: number;
  readonly backwardInput: number;
  readonly backwardWeight: number;
  readonly update: number;
}

/** What the pieces of a model, copies and wakings cost on the chips at hand. */
export interface ModelCosts {
  /** Microbatches in a step. */
  readonly microbatches: number;
  /** Names of the blocks of each piece; between two pieces the model can be cut. */
  readonly pieces: readonly (readonly string[])[];
  /** The last block of each piece: what `cuts` are made of. */
  readonly ends: readonly number[];
  readonly costs: readonly PieceCost[];
  /** What it costs to execute one more program, which pieces that share a stage do together. */
  readonly perProgram: PieceCost;
  /** Milliseconds to copy a byte between a chip and shared memory. */
  readonly perByte: number;
  /** Milliseconds until a waiting chip is awake. */
  readonly wake: number;
  /** Milliseconds of the main thread to make and send out a step's inputs. */
  readonly host: number;
}

/** The run that `measureModel` takes times of. */
export interface MeasureModelOptions extends Pick<TrainOptions, 'optimizer' | 'bounds' | 'seed' | 'signal'> {
  /** The model, built anew for each call: a graph is compiled once. */
  readonly loss: () => Value;
  readonly chips: readonly Chip[];
  /** The microbatches of a step. */
  readonly microbatches: (step: number) => readonly Microbatch[];
  /** Steps that count. Default 5. */
  readonly steps?: number;
  /** Steps before them, which memory that is touched for the first time makes slow. Default 3. */
  readonly warmUp?: number;
}

/**
 * Trains on every chip by itself, all at once, for a few steps with a learning rate of zero: first with every piece a
 * stage, then with the model as one, from which it follows what is saved by sharing a stage.
 *
 * @throws what `train` throws.
 */
export async function measureModel(options: MeasureModelOptions): Promise<ModelCosts> {
  const { loss, chips, steps = 5, warmUp = 3 } = options;
  const model = loss();
  const cuts = possibleCuts(model);
  const ends = [...cuts, model.graph.blocks.length - 1];
  const count = options.microbatches(0).length;
  const all = { forward: 0, backwardInput: 0, backwardWeight: 0, update: 0 };
  let hostTime = 0;
  let hostSteps = 0;

  const measured = async (cut: readonly number[]) => {
    const runs = await Promise.all(
      chips.map((chip) =>
        train({
          optimizer: options.optimizer,
          bounds: options.bounds,
          seed: options.seed,
          signal: options.signal,
          loss: loss(),
          cuts: cut,
          chips: [chip],
          schedule: sequential({ stages: cut.length + 1, microbatches: count }),
          steps: warmUp + steps,
          microbatches: (step) => {
            const begun = performance.now();
            const given = options.microbatches(step);
            if (step >= warmUp) {
              hostTime += performance.now() - begun;
              hostSteps++;
            }
            return given;
          },
          learningRate: () => 0,
          timelineSteps: steps,
        }),
      ),
    );
    const perChip = runs.map(({ timeline }) => costsOf(timeline));
    const [{ stages, schedule }] = runs;
    const costs = stages.map((_, stage): PieceCost => {
      const of = (kind: keyof PieceCost) =>
        median(perChip.map((costs) => (costs[kind] as readonly number[])[stage] ?? 0));
      return {
        forward: of('forward'),
        backwardInput: of('backwardInput'),
        backwardWeight: of('backwardWeight'),
        update: of('update'),
      };
    });
    const updates = dividedUpdates(
      costs.map(({ update }) => update),
      parameterGroups(stages, schedule, needsWholeParameters(options.optimizer)),
      schedule.chips[0],
    );
    return { stages, costs: costs.map((cost, stage) => ({ ...cost, update: updates[stage] })) };
  };

  const { stages, costs } = await measured(cuts);
  const {
    costs: [whole],
  } = cuts.length === 0 ? { costs } : await measured([]);
  const perProgram = { ...all };
  if (costs.length > 1) {
    // The first stage has no B: its work is all in W.
    const backward = (cost: PieceCost) => cost.backwardInput + cost.backwardWeight;
    const sum = (of: (cost: PieceCost) => number) => costs.reduce((total, cost) => total + of(cost), 0);
    const saved = (of: (cost: PieceCost) => number) =>
      Math.max(0, (sum(of) - of(whole)) / (costs.length - 1));
    perProgram.forward = saved(({ forward }) => forward);
    perProgram.backwardInput = saved(backward) / 2;
    perProgram.backwardWeight = saved(backward) / 2;
    perProgram.update = saved(({ update }) => update);
  }
  const { perByte, wake } = await measureTransfers();
  return {
    microbatches: count,
    pieces: stages.map(({ blocks }) => blocks),
    ends,
    costs,
    perProgram,
    perByte,
    wake,
    host: hostSteps === 0 ? 0 : hostTime / hostSteps,
  };
}

/** Copies into shared memory, of a size that no cache holds. */
async function measureTransfers(): Promise<{ perByte: number; wake: number }> {
  const bytes = 2 ** 23;
  const [from, to] = [new Uint8Array(bytes), new Uint8Array(new SharedArrayBuffer(bytes))];
  from.fill(1);
  const times = Array.from({ length: 5 }, () => {
    const begun = performance.now();
    to.set(from);
    return performance.now() - begun;
  });
  // Waking a thread takes some tens of microseconds on Linux; it is not worth a measurement that takes longer.
  return { perByte: median(times) / bytes, wake: 0.04 };
}
