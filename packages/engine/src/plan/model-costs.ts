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
  readonly chips: number;
  /** Cores of each chip. */
  readonly threads: number;
  /** Microbatches in a step. */
  readonly microbatches: number;
  /** Whether the forward pass is computed again in the backward pass. */
  readonly recompute: boolean;
  /** Names of the blocks of each piece; between two pieces the model can be cut. */
  readonly pieces: readonly (readonly string[])[];
  /** The last block of each piece: what `cuts` are made of. */
  readonly ends: readonly number[];
  readonly costs: readonly PieceCost[];
  /** What it costs to execute one more program, which pieces that share a stage do together. */
  readonly perProgram: PieceCost;
  /** Milliseconds to take in what another chip has sent: for the message, and for each of its bytes. */
  readonly receive: { readonly message: number; readonly byte: number };
  /** Milliseconds for each element of gradients that is handed out, added to another's, and taken back as a weight. */
  readonly exchange: { readonly scatter: number; readonly sum: number; readonly gather: number };
  /** Milliseconds until a waiting chip is awake. */
  readonly wake: number;
  /** Milliseconds of the main thread to make and send out a step's inputs. */
  readonly host: number;
  /**
   * A measured step as a multiple of the simulated one: for a chip that has the machine to itself, for stages on
   * several chips, and for chips that exchange gradients. A simulation knows no caches, no memory bus, and no chip
   * that is late by chance and that all others wait for.
   */
  readonly strain: { readonly alone: number; readonly pipeline: number; readonly exchange: number };
}
