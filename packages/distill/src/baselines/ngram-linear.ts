/**
 * The linear n-gram baseline: TF-IDF of word and character n-grams, one linear support vector machine for
 * each label against the rest. Strong on such tasks, and trained in seconds; a student has to beat it.
 *
 * Computes on the calling thread; `ngramLinearPredictions` does it on one of its own.
 *
 * @module
 */
import { trainLinearSvm } from './linear-svm.ts';
import { dotRow, rowCount } from './sparse-rows.ts';
import { fitTfidf } from './tfidf.ts';

export interface NgramLinearInput {
  trainTexts: readonly string[];
  /** One for each training text. */
  trainLabels: readonly string[];
  testTexts: readonly string[];
  /** Decides the order in which examples are visited; default 0. */
  seed?: number;
}

/** Of longer texts the first so many characters are read: enough for mails, and bounded in time. */
export const READ_CHARACTERS = 4000;

/**
 * The label predicted for each of the test texts.
 *
 * @throws RangeError when there is no training text, or not one label for each
 */
export function trainAndPredict(input: NgramLinearInput): string[] {
  const { trainTexts, trainLabels, testTexts, seed = 0 } = input;
  if (trainTexts.length === 0 || trainTexts.length !== trainLabels.length) {
    throw new RangeError(`${trainTexts.length} texts and ${trainLabels.length} labels are no training set.`);
  }
  const labels = [...new Set(trainLabels)].sort();
  if (labels.length === 1) return testTexts.map(() => labels[0]!);

  // Every n-gram counts, even one seen once: on short texts that is worth a point (decision 0035).
  const { tfidf, rows } = fitTfidf(trainTexts, { minDocuments: 1, maxCharacters: READ_CHARACTERS });
  const tests = tfidf.transform(testTexts);
  const scores = new Float64Array(rowCount(tests)).fill(Number.NEGATIVE_INFINITY);
  const best = new Int32Array(rowCount(tests));
  // One label after the other, so that only one label's weights are ever held.
  for (const [index, label] of labels.entries()) {
    const isPositive = Uint8Array.from(trainLabels, (other) => (other === label ? 1 : 0));
    const { weights } = trainLinearSvm(rows, isPositive, { seed: seed + index });
    const intercept = weights[tfidf.width]!;
    for (let row = 0; row < scores.length; row++) {
      const score = dotRow(tests, row, weights) + intercept;
      if (score > scores[row]!) {
        scores[row] = score;
        best[row] = index;
      }
    }
    if (labels.length === 2) {
      // Against the rest is against the other: its scores are these with the sign changed.
      return Array.from(scores, (score) => labels[score > 0 ? 0 : 1]!);
    }
  }
  return Array.from(best, (index) => labels[index]!);
}
