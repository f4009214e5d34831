/**
 * What moves the parameters, and which of them how.
 *
 * @module
 */
import type { AdamWOptions } from '../compile/adamw.ts';
import type { MuonOptions } from '../compile/muon.ts';
import type { StageParameter } from '../compile/stages.ts';

export interface OptimizerOptions extends AdamWOptions {
  /**
   * The largest norm of one parameter's gradient; undefined: no clipping. It is per parameter, not over all
   * of them, so that no chip has to wait for another's norm.
   */
  readonly clipNorm?: number;
  /**
   * Moves the hidden matrices (see `Graph.parameter`) with Muon, at the same learning rate and decay; everything else
   * stays with AdamW. The best rate is then another, mostly a higher one, than of AdamW alone. Default: AdamW for all.
   */
  readonly muon?: MuonOptions;
}

/** Whether a parameter is moved by Muon and so has one momentum, or by AdamW and has two moments. */
export function movedByMuon({ hidden }: Pick<StageParameter, 'hidden'>, { muon }: OptimizerOptions): boolean {
  return hidden && muon !== undefined;
}

/** Whether the optimizer must see parameters as wholes: norms and products are of all elements. */
export function needsWholeParameters({ clipNorm, muon }: OptimizerOptions): boolean {
  return clipNorm !== undefined || muon !== undefined;
}
