import type { ModelResult } from './measure-model.ts';
import type { ModelProfile } from './profile-model.ts';

export interface TrainingResult {
  readonly rounds: number;
  readonly warmUpRounds: number;
  /** PyTorch's version, or how to get it. */
  readonly torch: { readonly version: string } | { readonly missing: string };
  readonly models: readonly ModelResult[];
  readonly profiles?: readonly ModelProfile[];
}
