/**
 * Everything that a run has come to after a step, whole and by parameter name, whoever held it: what a checkpoint
 * keeps, and where a run begins again when a chip has died.
 *
 * Draws are not in it: they depend on seed, step and microbatch alone.
 *
 * @module
 */

/** Values of parameters, by name. */
export type Parameters = Readonly<Record<string, Float32Array>>;

/** The stretch of a parameter that one chip moves, with the optimizer's state. All of one length. */
export interface StatePart {
  readonly name: string;
  readonly start: number;
  readonly value: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array | undefined;
  readonly mean: Float32Array | undefined;
}

export interface RunState {
  /** Steps done. */
  readonly step: number;
  /** Steps whose parameters have entered the running mean. */
  readonly averaged: number;
  readonly losses: readonly number[];
  /** Wall time that these steps took. */
  readonly seconds: number;
  readonly values: Parameters;
  /** AdamW's moments, as sums (see `adamwProgram`); of a matrix that Muon moves, its momentum alone, as the first. */
  readonly first: Parameters;
  readonly second: Parameters;
  /** The running mean; no entries before it has begun. */
  readonly means: Parameters;
}

/** Whole tensors from the parts of all chips. `sizes` are the elements of each parameter. */
export function joinParts(
  parts: readonly StatePart[],
  sizes: ReadonlyMap<string, number>,
): Pick<RunState, 'values' | 'first' | 'second' | 'means'> {
  const of = (pick: (part: StatePart) => Float32Array | undefined): Parameters =>
    joinStretches(
      parts.flatMap((part) => {
        const values = pick(part);
        return values ? [{ name: part.name, start: part.start, values }] : [];
      }),
      sizes,
    );
  return {
    values: of(({ value }) => value),
    first: of(({ first }) => first),
    second: of(({ second }) => second),
    means: of(({ mean }) => mean),
  };
}

/** Whole tensors from stretches that cover them. */
export function joinStretches(
  stretches: readonly { name: string; start: number; values: Float32Array }[],
  sizes: ReadonlyMap<string, number>,
): Parameters {
  const whole: Record<string, Float32Array> = {};
  for (const { name, start, values } of stretches) {
    const size = sizes.get(name) ?? values.length;
    if (values.length === size) whole[name] = values;
    else {
      whole[name] ??= new Float32Array(size);
      whole[name].set(values, start);
    }
  }
  return whole;
}
