/**
 * What a decoder and its training loss are described by.
 *
 * @module
 */

import type { RotaryScaling } from '../graph/ops/rotary.ts';
import type { DivergenceOptions } from './divergence.ts';
import type { LowRank } from './low-rank.ts';

/** The sizes of a decoder of the Llama family, and what its kin have beside. */
export interface DecoderShape {
  /** How many different tokens there are. */
  readonly vocabulary: number;
  /** Of the residual stream; a multiple of twice the heads, unless these have a width of their own. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values; divides `heads`. */
  readonly keyValueHeads: number;
  /** Width inside the feed-forward part. */
  readonly hidden: number;
  /** Positions lie in [0, positions). */
  readonly positions: number;
  /** Whether the head uses the table of tokens. */
  readonly tied: boolean;
  /** Under the root of RMSNorm; default 1e-5. */
  readonly epsilon?: number;
  /** Default 10,000. */
  readonly rotaryBase?: number;
  /** Which columns of a head are rotated together; default `neighbours`. */
  readonly rotaryPairs?: 'neighbours' | 'halves';
  /** How the wave lengths were stretched for longer texts; default: they were not. */
  readonly rotaryScaling?: RotaryScaling;
  /** Of each head, even; default the width divided by the heads. */
  readonly headWidth?: number;
  /** Whether something is added to queries, keys and values, as in Qwen2. Default false. */
  readonly attentionBias?: boolean;
  /** Whether queries and keys are normalised head by head before they are rotated, as in Qwen3. Default false. */
  readonly queryKeyNorm?: boolean;
}

/** The width of each head. */
export function headWidthOf({ width, heads, headWidth }: Omit<DecoderShape, 'tied'>): number {
  return headWidth ?? width / heads;
}

/** How a decoder learns from a teacher's distribution beside the targets. */
export interface DecoderTeacher extends DivergenceOptions {
  /** K: of how many tokens the teacher's share is known at each position; all others are the rest. Default: of all. */
  readonly known?: number;
  /** What the divergence counts in the loss, in (0, 1]; the cross-entropy of the targets has what is left. Default 1. */
  readonly share?: number;
}

/** What the training loss of a decoder is made of. */
export interface DecoderLossOptions {
  /** T: tokens in a row. */
  readonly length: number;
  /** Whether rows hold several sequences, told apart by the input `segments`. Default false. */
  readonly packed?: boolean;
  /** Of the table's rows and of what each part adds, in [0, 1). Default 0. */
  readonly dropout?: number;
  /** The share of the target that is spread evenly over the vocabulary, in [0, 1). Default 0. */
  readonly smoothing?: number;
  /**
   * Into how many blocks of rows the head's table is divided, 1 to the vocabulary, so that the model can be cut inside
   * it. Parts are parameters of their own: `head0.table`, `head1.table`, …, or of a tied head `embed.tokens0`,
   * `embed.tokens1`, …; `divideTables` and `joinTables` go from the whole to parts and back. Default 1.
   */
  readonly headParts?: number;
  /** Default: none. With one, the head has one part. */
  readonly teacher?: DecoderTeacher;
  /**
   * Freezes the model and trains adapters beside its matrices; `mergeLowRank` then makes one model of both. Default:
   * all of it is trained.
   */
  readonly adapters?: LowRank | undefined;
}
