/**
 * Who follows a training as it goes: how it was planned, each step, each look at the validation split.
 *
 * A listener is called between two steps and must not take long; what it throws ends the training.
 *
 * @module
 */
import type { Plan, Timeline } from '@kolben/engine';
import type { TokenCounts } from './count-tokens.ts';

export interface TrainingListener {
  onPlan?(plan: Plan): void;
  onStep?(step: TrainingStep): void;
  onLook?(look: ValidationLook): void;
}

export interface TrainingStep {
  /** Steps that are done. */
  readonly step: number;
  /** Steps that there will be, as far as it is known. */
  readonly steps: number;
  readonly loss: number;
  readonly learningRate: number;
  /** What this step read. */
  readonly counts: TokenCounts;
  /**
   * The latest whole steps of all chips as they ran, and as the simulator times their schedule from the same costs, both
   * from 0 ms. Undefined before there are any. Reckoned when it is called for.
   */
  readonly timelines: () => StepTimelines | undefined;
}

export interface StepTimelines {
  readonly real: Timeline;
  readonly simulated: Timeline;
}

/** What the validation split says of the model on its way. */
export interface ValidationLook {
  /** Steps that were done. */
  readonly step: number;
  readonly loss: number;
  /** Share of its examples that are answered as the teacher did, 0 to 1. */
  readonly agreement: number;
}
