/**
 * Low-rank adapters (LoRA: Hu et al., arXiv 2106.09685): beside a matrix W that stays as it is, two small ones are
 * trained, and what they make is added: x Wᵀ + (alpha / rank) · (x Aᵀ) Bᵀ. Merged, that is W + (alpha / rank) · B A.
 *
 * @module
 */
import { GraphError } from '../graph/graph.ts';
import type { Parameters } from '../run/run-state.ts';

/** The matrices of a transformer's layer that may have an adapter; a layer without one of them leaves it out. */
export const projections = ['query', 'key', 'value', 'output', 'gate', 'up', 'down'] as const;

/** A matrix of a transformer's layer. */
export type Projection = (typeof projections)[number];

/** Which matrices have an adapter, and of what size. */
export interface LowRank {
  /** Rows of A, columns of B; 1 or more. */
  readonly rank: number;
  /** What the adapters add is scaled by alpha / rank; above 0. */
  readonly alpha: number;
  /** Default: all. */
  readonly of?: readonly Projection[];
}

const [suffixA, suffixB] = ['LoraA', 'LoraB'];

/** The names of an adapter's parameters beside the matrix `name`. */
export const adapterNames = (name: string) => ({ a: `${name}${suffixA}`, b: `${name}${suffixB}` });

/** @throws GraphError (`graph_low_rank`) for numbers that make no adapters */
export function checkLowRank({ rank, alpha, of = projections }: LowRank): void {
  const refuse = (what: string): never => {
    throw new GraphError('graph_low_rank', `The adapters cannot be made: ${what}.`);
  };
  if (!(Number.isInteger(rank) && rank >= 1 && rank <= 4096))
    refuse(`rank is ${rank}; it must be a whole number from 1 to 4096`);
  if (!(alpha > 0 && Number.isFinite(alpha))) refuse(`alpha is ${alpha}; it must be above 0`);
  if (of.length === 0) refuse('no matrix is named; name one or more');
  const unknown = of.find((name) => !projections.includes(name));
  if (unknown !== undefined) refuse(`there is no matrix "${unknown}"; there are ${projections.join(', ')}`);
}

/**
 * The parameters of the model without adapters that answers the same: every W becomes W + (alpha / rank) · B A, summed
 * in float64 and rounded once.
 *
 * @param parameters of the whole model, the frozen ones among them
 * @throws GraphError (`graph_low_rank`) for an adapter whose sizes are not those of its matrix
 */
export function mergeLowRank(parameters: Parameters, { rank, alpha }: LowRank): Parameters {
  const merged: Record<string, Float32Array> = {};
  for (const [name, values] of Object.entries(parameters)) {
    if (isAdapter(name, parameters)) continue;
    const names = adapterNames(name);
    const [a, b] = [parameters[names.a], parameters[names.b]];
    merged[name] = a && b ? sumOf(name, values, a, b, { rank, alpha }) : values;
  }
  return merged;
}

function isAdapter(name: string, parameters: Parameters): boolean {
  const suffix = [suffixA, suffixB].find((one) => name.endsWith(one));
  return suffix !== undefined && parameters[name.slice(0, -suffix.length)] !== undefined;
}

function sumOf(
  name: string,
  values: Float32Array,
  a: Float32Array,
  b: Float32Array,
  { rank, alpha }: LowRank,
): Float32Array {
  const [inputs, outputs] = [a.length / rank, b.length / rank];
  if (!Number.isInteger(inputs) || !Number.isInteger(outputs) || inputs * outputs !== values.length)
    throw new GraphError(
      'graph_low_rank',
      `The adapter of "${name}" has ${a.length} and ${b.length} numbers, which at rank ${rank} is no adapter of a matrix of ${values.length}.`,
    );
  const factor = alpha / rank;
  const sums = new Float64Array(inputs);
  const merged = new Float32Array(values.length);
  for (let row = 0; row < outputs; row++) {
    sums.fill(0);
    for (let k = 0; k < rank; k++) {
      const weight = factor * b[row * rank + k];
      for (let column = 0; column < inputs; column++) sums[column] += weight * a[k * inputs + column];
    }
    for (let column = 0; column < inputs; column++) {
      const at = row * inputs + column;
      merged[at] = values[at] + sums[column];
    }
  }
  return merged;
}
