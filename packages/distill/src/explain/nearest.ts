/**
 * The examples that a text is most like.
 *
 * @module
 */
import { fitTfidf } from '../baselines/tfidf.ts';
import type { Weighed } from '../students/family.ts';

export interface LabelledText {
  readonly text: string;
  readonly answer: string;
}

export interface Neighbour extends LabelledText {
  /** Cosine, in [-1, 1]. */
  readonly similarity: number;
}

export interface Neighbours {
  /**
   * What was compared: `student`, all the scores that the student weighs its answer by, from their mean; `words`, the
   * n-grams of the texts, where the student's family shows no scores.
   */
  readonly by: 'student' | 'words';
  readonly examples: readonly Neighbour[];
}

const textsAtOnce = 512;

/** The `count` examples most like `text`, the most alike first; of equal texts one. */
export async function nearestExamples(
  text: string,
  given: readonly LabelledText[],
  {
    weigh,
    count,
    signal,
  }: {
    weigh: ((texts: readonly string[]) => Promise<Weighed>) | undefined;
    count: number;
    signal?: AbortSignal | undefined;
  },
): Promise<Neighbours> {
  const examples = [...new Map(given.map((example) => [example.text, example])).values()];
  const similarities = weigh ? await byScores(text, examples, weigh, signal) : byWords(text, examples);
  const order = examples.map((_, i) => i).sort((a, b) => similarities[b] - similarities[a] || a - b);
  return {
    by: weigh ? 'student' : 'words',
    examples: order
      .slice(0, count)
      .map((i) => ({ text: examples[i].text, answer: examples[i].answer, similarity: similarities[i] })),
  };
}

async function byScores(
  text: string,
  examples: readonly LabelledText[],
  weigh: (texts: readonly string[]) => Promise<Weighed>,
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const [own] = centred(await weigh([text]), 1);
  const similarities: number[] = [];
  for (let i = 0; i < examples.length; i += textsAtOnce) {
    signal?.throwIfAborted();
    const texts = examples.slice(i, i + textsAtOnce).map((example) => example.text);
    for (const row of centred(await weigh(texts), texts.length)) similarities.push(cosine(own, row));
  }
  return similarities;
}

/** Softmax doesn't see what is added to all scores alike, so neither does the likeness. */
function centred({ answers, scores }: Weighed, texts: number): Float64Array[] {
  return Array.from({ length: texts }, (_, i) => {
    const row = Float64Array.from(scores.subarray(i * answers.length, (i + 1) * answers.length));
    const mean = row.reduce((sum, score) => sum + score, 0) / row.length;
    return row.map((score) => score - mean);
  });
}

function cosine(one: Float64Array, other: Float64Array): number {
  let product = 0;
  let ones = 0;
  let others = 0;
  for (let i = 0; i < one.length; i++) {
    product += one[i] * other[i];
    ones += one[i] ** 2;
    others += other[i] ** 2;
  }
  return ones === 0 || others === 0 ? 0 : Math.max(-1, Math.min(1, product / Math.sqrt(ones * others)));
}

function byWords(text: string, examples: readonly LabelledText[]): number[] {
  const { tfidf, rows } = fitTfidf(
    examples.map((example) => example.text),
    { minDocuments: 1, maxCharacters: 20_000 },
  );
  const own = tfidf.transform([text]);
  const weights = new Map<number, number>();
  for (let i = own.starts[0]; i < own.starts[1]; i++) weights.set(own.columns[i], own.values[i]);
  const norm = Math.sqrt([...weights.values()].reduce((sum, value) => sum + value ** 2, 0)) || 1;
  return examples.map((_, row) => {
    let product = 0;
    let squares = 0;
    for (let i = rows.starts[row]; i < rows.starts[row + 1]; i++) {
      product += (weights.get(rows.columns[i]) ?? 0) * rows.values[i];
      squares += rows.values[i] ** 2;
    }
    return product / (norm * (Math.sqrt(squares) || 1));
  });
}
