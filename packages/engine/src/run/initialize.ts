import type { FrozenParameter } from '../compile/stages.ts';
import { fillNormal, randomStream } from './random.ts';

/** The start values of a parameter: a function of its name and the seed, wherever it lives. */
export function initialize({ name, shape, initializer }: FrozenParameter, seed: number): Float32Array {
  const values = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
  if (initializer.kind === 'ones') values.fill(1);
  if (initializer.kind === 'normal') fillNormal(values, initializer.deviation, randomStream(seed, name));
  return values;
}
