/**
 * Batches of sequences of like length, so that padding each to the longest of its batch wastes little.
 *
 * @module
 */
import { randomStream, shuffle } from '../run/random.ts';
import { BatchError } from './batch-error.ts';

/** How `bucketByLength` makes batches. */
export interface BucketOptions {
  /** Sequences in a batch; those that fill none, fewer than one batch, are left out of this epoch by chance. */
  readonly batch: number;
  readonly seed: number;
  readonly epoch: number;
  /** How many batches are sorted together: few keep the order random, many the padding small. Default 16. */
  readonly window?: number;
}

/**
 * Indices of the sequences of each batch, in random order of batches, another in every epoch.
 *
 * @throws BatchError (`batch_option`) for numbers that are not whole, and for batches and windows below 1
 */
export function bucketByLength(
  lengths: readonly number[],
  { batch, seed, epoch, window = 16 }: BucketOptions,
): number[][] {
  for (const [name, number, least] of [
    ['batch', batch, 1],
    ['window', window, 1],
    ['seed', seed, -Infinity],
    ['epoch', epoch, -Infinity],
  ] as const)
    if (!(Number.isSafeInteger(number) && number >= least))
      throw new BatchError(
        'batch_option',
        `${name} is ${number}; it must be a whole number${least === 1 ? ' of 1 or more' : ''}.`,
      );
  const stream = randomStream(seed, 'order', epoch);
  const order = shuffle([...lengths.keys()], stream);
  const batches: number[][] = [];
  for (let start = 0; start < order.length; start += batch * window) {
    const stretch = order.slice(start, start + batch * window);
    // What fills no batch is left out before lengths are looked at: the longest would be it in every epoch.
    const whole = stretch.slice(0, stretch.length - (stretch.length % batch));
    whole.sort((a, b) => lengths[a] - lengths[b]);
    for (let i = 0; i < whole.length; i += batch) batches.push(whole.slice(i, i + batch));
  }
  return shuffle(batches, stream);
}
