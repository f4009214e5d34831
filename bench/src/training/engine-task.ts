import type { ScheduleName } from '@kolben/engine';
import type { BenchModel } from './models.ts';

/** What an engine process is given, as JSON in its one argument. */
export interface EngineTask {
  readonly model: BenchModel;
  /** safetensors with the weights of `drawWeights`. */
  readonly weights: string;
  /** The batches of `drawBatches`, little-endian int32. */
  readonly batches: string;
  readonly schedule: ScheduleName;
  /** How many replicas; other schedules follow from their stages. */
  readonly replicas?: number;
  /** Pieces of the model; a pipeline has one for each chip, replicas exchange gradients piece by piece. */
  readonly stages: number;
  /** In a step, of all chips together. */
  readonly microbatches: number;
  /** Into how many blocks of rows the head is divided, so that cuts can be inside it. */
  readonly headParts: number;
  /** Sequences of each batch that this process trains on, from and to; the loss is still over all of them. */
  readonly share: readonly [number, number];
  /** A folder for the times of all kernels; profiles are written when the process ends. */
  readonly profileFolder?: string;
}

/** The answer to `step N`. */
export interface EngineTurn {
  readonly seconds: number;
  readonly losses: readonly number[];
  /** The simulator's time for the same steps of the same schedule, at the medians of what passes cost in them. */
  readonly simulatedSeconds: number;
  /** By chip, of the time from the second step's beginning to the last one's: 0 to 1, or nothing for fewer than 3 steps. */
  readonly busyShares: readonly number[] | undefined;
}
