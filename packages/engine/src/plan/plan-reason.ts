/**
 * Why a plan was chosen: by code and values, for any language, and as an English sentence.
 *
 * @module
 */
import { mebibytes } from '../run/memory.ts';
import type { ScheduleName } from '../schedule/schedules.ts';

/** How the work would be spread otherwise, and what a step would take then. */
export interface PlanRival {
  readonly schedule: ScheduleName;
  readonly chips: number;
  /** Cores of each chip. */
  readonly threads: number;
  /** Predicted milliseconds of a step. */
  readonly stepMs: number;
}

/**
 * - `run_short`: the run is over before several chips were tried out.
 * - `one_core`, `one_chip`: no other way is faster than one chip, of one core or of several.
 * - `replicas`: the model fits on every chip, and nothing is measurably faster than copies of it.
 * - `pipeline`: the stages are even enough that nothing is measurably faster.
 * - `memory`, `memory_recompute`: the model doesn't fit on one chip; without and with computing activations again.
 *
 * Milliseconds are predicted and of a step; `bubble` is the share of waiting, 0 to 1.
 */
export type PlanReason =
  | { readonly code: 'run_short' | 'one_core'; readonly values: { readonly stepMs: number } }
  | {
      readonly code: 'one_chip';
      readonly values: { readonly threads: number; readonly stepMs: number };
      readonly rival: PlanRival | null;
    }
  | {
      readonly code: 'replicas';
      readonly values: { readonly stepMs: number };
      readonly rival: PlanRival | null;
    }
  | {
      readonly code: 'pipeline';
      readonly values: {
        readonly schedule: ScheduleName;
        readonly stepMs: number;
        readonly bubble: number;
      };
      readonly rival: PlanRival | null;
    }
  | {
      readonly code: 'memory' | 'memory_recompute';
      readonly values: {
        readonly schedule: ScheduleName;
        readonly stages: number;
        /** What a chip may use, and what the model needs on one. */
        readonly limitBytes: number;
        readonly neededBytes: number;
        readonly stepMs: number;
      };
    };

/** The same as one sentence in English. */
export function planSentence(why: PlanReason): string {
  const time = `${inMs(why.values.stepMs)} a step`;
  switch (why.code) {
    case 'run_short':
      return `The run is too short for trying out several chips, and one takes ${time}.`;
    case 'one_core':
      return `One chip is as fast as any other way, ${time}: there is too little work for several, or only one.`;
    case 'one_chip':
      return `One chip of ${why.values.threads} cores is as fast as any other way, ${time}${beside(why.rival)}.`;
    case 'replicas':
      return `Everything fits on every chip, so each works on its own microbatches and exchanges gradients: ${time}${beside(why.rival)}.`;
    case 'pipeline': {
      const { schedule, bubble } = why.values;
      return `The stages of ${schedule} come out evenly enough that no other way is measurably faster, ${time}, ${(100 * bubble).toFixed(1)} % of it waiting${beside(why.rival)}.`;
    }
    case 'memory':
    case 'memory_recompute': {
      const { schedule, stages, limitBytes, neededBytes } = why.values;
      const how = why.code === 'memory' ? schedule : `${schedule} with recomputation`;
      return `A chip may use ${mebibytes(limitBytes)} and the model needs ${mebibytes(neededBytes)} on one, so it is cut into ${stages} stages; nothing that fits is measurably faster than ${how}, ${time}.`;
    }
  }
}

function beside(rival: PlanRival | null): string {
  return rival === null ? '' : `; ${titleOf(rival)} would take ${inMs(rival.stepMs)}`;
}

function titleOf({ schedule, chips, threads }: PlanRival): string {
  if (chips === 1) return `one chip of ${threads} cores`;
  return threads === 1 ? schedule : `${schedule} on chips of ${threads} cores`;
}

function inMs(stepMs: number): string {
  return `${stepMs.toFixed(stepMs < 10 ? 2 : 1)} ms`;
}
