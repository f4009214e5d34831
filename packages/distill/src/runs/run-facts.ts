/**
 * What a run writes into the store: the shapes of what the store keeps as JSON.
 *
 * @module
 */
import type { PlanReason } from '@kolben/engine';
import type { ErrorValues } from '@kolben/engine/error';
import type { PackedTimeline } from './pack-timeline.ts';

export interface RunDataset {
  readonly digest: string;
  readonly n: number;
  readonly train: number;
  readonly validation: number;
  readonly tune: number;
  readonly calibration: number;
  readonly test: number;
}

/** A plan that was weighed. */
export interface PlanRow {
  readonly schedule: string;
  readonly chips: number;
  /** Cores of each chip. */
  readonly threads: number;
  /** Names of the blocks of each stage. */
  readonly stages: readonly (readonly string[])[];
  readonly replicas: number;
  readonly microbatches: number;
  readonly recompute: boolean;
  /** Predicted milliseconds of a step. */
  readonly stepMs: number;
  /** Predicted share of waiting, 0 to 1. */
  readonly bubble: number;
  readonly memoryBytesPerChip: readonly number[];
  /** Whether every chip has that memory. */
  readonly fits: boolean;
}

/** How the training is spread over the chips, and why. */
export interface RunPlan {
  readonly choice: PlanRow;
  /** The fastest of those that were weighed, the choice among them. */
  readonly candidates: readonly PlanRow[];
  /** How many more there were. */
  readonly hidden: number;
  /** Runs of earlier versions have the sentence alone. */
  readonly why?: PlanReason;
  /** The same as one sentence, in English. */
  readonly reason: string;
}

/** How far it is. */
export interface RunProgress {
  /** `begin` until it does something. */
  readonly phase: 'begin' | 'base' | 'dataset' | 'prepare' | 'train' | 'certify' | 'write';
  /** Steps that are done, and that there will be; null before the first. */
  readonly step: number | null;
  readonly steps: number | null;
  /** The step from which this process went on; 0 where it began with the first, null before it has done one. */
  readonly resumedAt: number | null;
  readonly loss: number | null;
  readonly learningRate: number | null;
  /** Of the latest look at the validation split, 0 to 1. */
  readonly agreement: number | null;
  /** Useful tokens in a second, over the latest seconds. */
  readonly tokensPerSecond: number | null;
  /** Share of the positions that this process computed that only fill up short texts, 0 to 1. */
  readonly paddingShare: number | null;
  /** Until the last step, at the pace of the latest seconds. */
  readonly secondsLeft: number | null;
  /** Share of the chips' time in which they waited, over the steps of the latest timeline, 0 to 1. */
  readonly bubble: number | null;
}

/** The latest whole steps, real and simulated, from 0 ms. */
export interface RunTimelines {
  /** The last of these steps. */
  readonly step: number;
  readonly real: PackedTimeline;
  readonly simulated: PackedTimeline;
}

/** What a run led to. */
export type RunOutcome =
  | {
      readonly student: { readonly id: string | null; readonly digest: string; readonly folder: string };
      /** Agreement on the test split, 0 to 1. */
      readonly agreement: number;
      readonly certificate: {
        readonly alpha: number;
        readonly delta: number;
        readonly coverage: number;
      } | null;
    }
  /** The code of the error, and what its message names. */
  | { readonly code: string; readonly values?: ErrorValues };
