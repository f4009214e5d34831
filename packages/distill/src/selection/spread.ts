/**
 * Picks points that lie apart from each other: k-means++ (Arthur and Vassilvitskii, 2007), with weights.
 *
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { uniform } from '@kolben/engine';
import { DIMENSIONS } from './dense-vectors.ts';

const TURN = 32;

export interface SpreadOptions {
  /** Rows of `DIMENSIONS`. */
  readonly vectors: Float32Array;
  /** Rows to pick from. */
  readonly from: readonly number[];
  readonly count: number;
  /** Rows that are there already, to be kept away from. */
  readonly taken?: readonly number[];
  /** One to each of `from`, > 0: how much a point is wanted. Default: all alike. */
  readonly weights?: Float64Array;
  readonly stream: () => number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Rows in the order of being picked: each with a chance proportional to its weight times the square of its distance to
 * the nearest one before. Where everything left lies on top of those, by weight alone.
 *
 * @throws the signal's reason once it is aborted
 */
export async function spread(options: SpreadOptions): Promise<number[]> {
  const { vectors, from, taken = [], weights, stream, signal } = options;
  const count = Math.min(options.count, from.length);
  const distances = new Float64Array(from.length).fill(2);
  const open = new Uint8Array(from.length).fill(1);
  const approach = (row: number) => {
    const point = vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS);
    for (let i = 0; i < from.length; i++) {
      if (open[i] === 0) continue;
      const start = from[i]! * DIMENSIONS;
      let product = 0;
      for (let d = 0; d < DIMENSIONS; d++) product += vectors[start + d]! * point[d]!;
      const distance = Math.max(0, 2 - 2 * product);
      if (distance < distances[i]!) distances[i] = distance;
    }
  };
  for (const [n, row] of taken.entries()) {
    if (n % TURN === 0) await turn(signal);
    approach(row);
  }
  const picked: number[] = [];
  const chances = new Float64Array(from.length);
  while (picked.length < count) {
    if (picked.length % TURN === 0) await turn(signal);
    let total = 0;
    for (let i = 0; i < from.length; i++) {
      chances[i] = open[i]! * (weights?.[i] ?? 1) * distances[i]!;
      total += chances[i]!;
    }
    if (!(total > 1e-9)) {
      total = 0;
      for (let i = 0; i < from.length; i++) {
        chances[i] = open[i]! * (weights?.[i] ?? 1);
        total += chances[i]!;
      }
    }
    let left = uniform(stream) * total;
    let place = -1;
    for (let i = 0; i < from.length; i++) {
      if (chances[i]! <= 0) continue;
      place = i;
      left -= chances[i]!;
      if (left < 0) break;
    }
    open[place] = 0;
    picked.push(from[place]!);
    approach(from[place]!);
  }
  return picked;
}

async function turn(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}
