/**
 * Fewer classes for a trained model, or the same in another order.
 *
 * A training that began before all labels were known had classes to spare: those that no label came to take go again.
 *
 * @module
 */
import { nn, type Parameters } from '@kolben/engine';
import type { WordsAndBag } from './model.ts';
import type { StudentShape } from './shape.ts';
import { trainingLoss } from './training-graph.ts';
import { parameterShapes } from './weights-file.ts';

/**
 * @param labels of the model's classes
 * @param kept of the classes that it will have, in their order; each is one of `labels`
 */
export function keepClasses<Model extends Pick<WordsAndBag, 'shape' | 'parameters'>>(
  model: Model,
  labels: readonly string[],
  kept: readonly string[],
): Model {
  if (labels.length === kept.length && labels.every((label, i) => label === kept[i])) return model;
  const columns = kept.map((label) => labels.indexOf(label));
  const { shape } = model;
  // The axis of classes is the one that grows with their number.
  const larger = new Map(shapesOf({ ...shape, classes: shape.classes + 1 }));
  const parameters: Record<string, Float32Array> = {};
  for (const [name, dims] of shapesOf(shape)) {
    const axis = dims.findIndex((extent, i) => larger.get(name)?.[i] !== extent);
    parameters[name] =
      axis === -1 ? model.parameters[name] : choose(model.parameters[name], dims, axis, columns);
  }
  return { ...model, shape: { ...shape, classes: kept.length }, parameters: parameters as Parameters };
}

export function shapesOf(shape: StudentShape): [string, readonly number[]][] {
  return parameterShapes(trainingLoss(shape, { ...nn.noDropout, smoothing: 0 }).graph);
}

/** The elements at `places` of an axis. */
function choose(
  data: Float32Array,
  dims: readonly number[],
  axis: number,
  places: readonly number[],
): Float32Array {
  const product = (extents: readonly number[]) => extents.reduce((a, b) => a * b, 1);
  const [outer, extent, inner] = [product(dims.slice(0, axis)), dims[axis], product(dims.slice(axis + 1))];
  const chosen = new Float32Array(outer * places.length * inner);
  for (let o = 0; o < outer; o++) {
    places.forEach((place, p) => {
      const from = (o * extent + place) * inner;
      chosen.set(data.subarray(from, from + inner), (o * places.length + p) * inner);
    });
  }
  return chosen;
}
