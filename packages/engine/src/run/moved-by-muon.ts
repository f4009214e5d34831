import type { StageParameter } from '../compile/stages.ts';
import type { OptimizerOptions } from './job.ts';

/** Whether a parameter is moved by Muon and so has one momentum, or by AdamW and has two moments. */
export function movedByMuon({ hidden }: Pick<StageParameter, 'hidden'>, { muon }: OptimizerOptions): boolean {
  return hidden && muon !== undefined;
}
