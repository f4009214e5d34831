import { arrayOf } from '../dtype.ts';
import type { Emitter } from '../emitter.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { dimProduct, ShapeMismatch } from '../shape.ts';

/**
 * How wave lengths are stretched for texts longer than those that a model was first trained on. `linear`: all of them,
 * by `factor`. `llama3`: those longer than `positions / lowFrequency` by `factor`, those shorter than `positions /
 * highFrequency` not at all, and those between by something between (transformers, `modeling_rope_utils.py`).
 */
export type RotaryScaling =
  | { readonly kind: 'linear'; readonly factor: number }
  | {
      readonly kind: 'llama3';
      readonly factor: number;
      readonly lowFrequency: number;
      readonly highFrequency: number;
      /** That the model was first trained with. */
      readonly positions: number;
    };

/** Which columns are rotated, and how far. */
export interface RotaryOptions {
  /** Into how many heads of equal, even width the columns of `x` are divided. */
  readonly heads: number;
  /** Positions lie in [0, positions). */
  readonly positions: number;
  /** The base of the wave lengths; default 10,000. */
  readonly base?: number;
  /**
   * What is rotated together in a head of width d: columns 2i and 2i + 1 (`neighbours`, as in the original Llama and
   * in llama2.c), or columns i and i + d/2 (`halves`, as in Hugging Face's layout). Default `neighbours`.
   */
  readonly pairs?: 'neighbours' | 'halves';
  /** Default: none. */
  readonly scaling?: RotaryScaling | undefined;
}

interface Attributes extends Required<Omit<RotaryOptions, 'scaling'>>, Pick<RotaryOptions, 'scaling'> {
  /** Rotates back: the transpose of a rotation, which is what its gradient needs. */
  readonly back: boolean;
}

export const rotaryOp: Op<Attributes> = {
  name: 'rotary',
  infer: ([x, positions], { heads }) => {
    const [rows, columns] = x.shape;
    if (x.shape.length !== 2 || typeof columns !== 'number')
      throw new ShapeMismatch('it takes rows of known width');
    if (columns % (2 * heads) !== 0)
      throw new ShapeMismatch(`${columns} columns are no ${heads} heads of even width`);
    if (positions.dtype !== 'int64' || dimProduct(positions.shape) !== rows)
      throw new ShapeMismatch('there must be one int64 position for each row');
    return { dtype: x.dtype, shape: x.shape };
  },
  gradient: ({ inputs: [, positions], attributes }, dy) => [
    apply(rotaryOp, [dy, positions], { ...attributes, back: !attributes.back }),
    undefined,
  ],
  lower: ({ inputs: [x], output, attributes }, [name, positions], emit) => {
    const { heads, back, base, pairs, scaling } = attributes;
    const width = x.shape[1] as number;
    const half = width / heads / 2;
    const frequencies = Array.from({ length: half }, (_, i) => scaledFrequency(base ** (-i / half), scaling));
    const { positions: count } = attributes;
    const table = (name: string, wave: (angle: number) => number) =>
      emit.shared(`rotary ${name} ${count} ${output.dtype} ${frequencies.join()}`, output.dtype, () => ({
        data: arrayOf(
          output.dtype,
          Array.from({ length: count * half }, (_, i) => wave(Math.floor(i / half) * frequencies[i % half])),
        ),
        dims: [count, half],
      }));
    const cosines = table('cosines', Math.cos);
    const sines = back ? table('sines back', (angle) => -Math.sin(angle)) : table('sines', Math.sin);
    const column = emit.node('Reshape', [positions, emit.integers([-1, 1])]);
    if (output.dtype !== 'float32')
      return lowerWithWholeOps({ name, column, cosines, sines, half, attributes }, emit);
    // Each row is a sequence of its own for the kernel, which wants sequences no longer than the tables.
    const rows = emit.node('Reshape', [name, emit.integers([-1, 1, width])]);
    const rotated = emit.node(
      'RotaryEmbedding',
      [rows, column, cosines, sines],
      { num_heads: heads, interleaved: Number(pairs === 'neighbours') },
      'com.microsoft',
    );
    return emit.node('Reshape', [rotated, emit.integers([-1, width])]);
  },
};

/** The frequency that a wave of `frequency`, in radians a position, has after stretching. */
export function scaledFrequency(frequency: number, scaling: RotaryScaling | undefined): number {
  if (!scaling) return frequency;
  const slow = frequency / scaling.factor;
  if (scaling.kind === 'linear') return slow;
  const { lowFrequency, highFrequency, positions } = scaling;
  // How often the wave goes round within the positions of the first training.
  const turns = (positions * frequency) / (2 * Math.PI);
  const share = Math.min(1, Math.max(0, (turns - lowFrequency) / (highFrequency - lowFrequency)));
  return (1 - share) * slow + share * frequency;
}

/** For float64, which the fused kernel doesn't take: it serves the gradient checks. */
function lowerWithWholeOps(
  parts: {
    name: string;
    column: string;
    cosines: string;
    sines: string;
    half: number;
    attributes: Attributes;
  },
  emit: Emitter,
): string {
  const { name, column, cosines, sines, half, attributes } = parts;
  const { heads, pairs } = attributes;
  const isNeighbours = pairs === 'neighbours';
  const axis = isNeighbours ? 3 : 2;
  const shape = isNeighbours ? [-1, heads, half, 2] : [-1, heads, 2, half];
  const split = emit.node('Reshape', [name, emit.integers(shape)]);
  const member = (which: number) => emit.node('Gather', [split, emit.integers([which])], { axis });
  const [a, b] = [member(0), member(1)];
  const wave = (table: string) =>
    emit.node('Reshape', [
      emit.node('Gather', [table, column], { axis: 0 }),
      emit.integers(isNeighbours ? [-1, 1, half, 1] : [-1, 1, 1, half]),
    ]);
  const [cosine, sine] = [wave(cosines), wave(sines)];
  const times = (x: string, y: string) => emit.node('Mul', [x, y]);
  const first = emit.node('Sub', [times(a, cosine), times(b, sine)]);
  const second = emit.node('Add', [times(a, sine), times(b, cosine)]);
  const joined = emit.node('Concat', [first, second], { axis });
  return emit.node('Reshape', [joined, emit.integers([-1, 2 * half * heads])]);
}

/**
 * Rotary position embedding (Su et al., arXiv 2104.09864): (N, heads · d) by int64 positions, N of them in any
 * shape. Pair i of a head is rotated by position / base^(2i/d).
 */
export function rotary(x: Value, positions: Value, options: RotaryOptions): Value {
  const { heads, base = 10_000, pairs = 'neighbours', scaling } = options;
  return apply(rotaryOp, [x, positions], {
    scaling,
    heads,
    positions: options.positions,
    base,
    pairs,
    back: false,
  });
}
