import { inferMap } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { ShapeMismatch } from '../shape.ts';

interface Attributes {
  readonly epsilon: number;
}

export const inverseRmsOp: Op<Attributes> = {
  name: 'inverseRms',
  infer: ([x]) => {
    if (typeof x.shape.at(-1) !== 'number') throw new ShapeMismatch('the last dimension must be known');
    return { dtype: inferMap([x]).dtype, shape: [...x.shape.slice(0, -1), 1] };
  },
  // `rmsNorm` carries the gradient past it.
  gradient: null,
  lower: ({ output: { dtype }, attributes: { epsilon } }, [x], emit) => {
    const squares = emit.node('ReduceMean', [emit.node('Mul', [x, x]), emit.integers([-1])]);
    const deviation = emit.node('Sqrt', [emit.node('Add', [squares, emit.scalar(epsilon, dtype)])]);
    return emit.node('Div', [emit.scalar(1, dtype), deviation]);
  },
};

/** 1 / √(mean of x² + epsilon) over the last axis: (…, D) → (…, 1). Only `rmsNorm` can be differentiated. */
export function inverseRms(x: Value, epsilon: number): Value {
  return apply(inverseRmsOp, [x], { epsilon });
}
