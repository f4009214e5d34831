/**
 * How many examples each split gets.
 *
 * @module
 */
import { SPLITS, type Split } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';

/**
 * Shares of a large dataset. A small one gives more to the splits that judge, since a certificate needs an
 * absolute number of calibration examples; a huge one gives them no more than helps (decisions 0033 and 0102).
 */
const SHARES: Record<
  Exclude<Split, 'train'>,
  { share: number; atLeast: number; butShare: number; atMost: number }
> = {
  validation: { share: 0.01, atLeast: 50, butShare: 0.05, atMost: 2000 },
  tune: { share: 0.04, atLeast: 80, butShare: 0.08, atMost: 2000 },
  calibration: { share: 0.12, atLeast: 200, butShare: 0.2, atMost: 6000 },
  test: { share: 0.03, atLeast: 50, butShare: 0.05, atMost: 2000 },
};

/** Whole numbers that add up to n. Of 10,000: 8,000 train, 100 validation, 400 tune, 1,200 calibration, 300 test. */
export function splitSizes(n: number, fractions?: Record<Split, number>): Record<Split, number> {
  if (fractions) assertFractions(fractions);
  const sizes = { train: n, validation: 0, tune: 0, calibration: 0, test: 0 };
  for (const split of SPLITS) {
    if (split === 'train') continue;
    const { share, atLeast, butShare, atMost } = SHARES[split];
    const wanted = fractions
      ? fractions[split] * n
      : Math.min(atMost, Math.max(share * n, Math.min(atLeast, butShare * n)));
    sizes[split] = Math.min(sizes.train, Math.round(wanted));
    sizes.train -= sizes[split];
  }
  return sizes;
}

function assertFractions(fractions: Record<Split, number>): void {
  const given = SPLITS.map((split) => fractions[split]);
  const sum = given.reduce((total, fraction) => total + fraction, 0);
  if (!given.every((fraction) => fraction >= 0) || !(fractions.train > 0) || !(Math.abs(sum - 1) < 1e-9)) {
    throw new DatasetError(
      'dataset_fractions',
      undefined,
      `the fractions of the splits (${SPLITS.map((split) => `${split} ${fractions[split]}`).join(', ')}) must add up to 1, none below 0 and train above it`,
    );
  }
}
