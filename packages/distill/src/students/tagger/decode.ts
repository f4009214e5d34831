/**
 * From logits to spans and choices: the likeliest tags of which none goes on with what hasn't begun (Viterbi, 1967), and
 * no label that never came with what was chosen.
 *
 * @module
 */
import type { TagKind } from '../../extract/plan.ts';
import type { Found } from '../../extract/render.ts';
import type { TaggerShape } from './shape.ts';

/** By choice and class, the labels that never came with it. */
export type Exclusions = readonly (readonly (readonly number[])[])[];

export interface Decoded {
  readonly spans: readonly Found[];
  readonly choices: readonly number[];
  /** Logarithms of probabilities: of all choices, of all tags, of the least likely tag, of the least likely choice. */
  readonly scores: Scores;
}

export interface Scores {
  readonly choices: number;
  readonly tags: number;
  readonly leastTag: number;
  readonly leastChoice: number;
}

export interface TaggedText {
  /** Row after row, the logits of each word's tags. */
  readonly tags: Float32Array;
  readonly choices: Float32Array;
}

export interface Decoder {
  readonly shape: Pick<TaggerShape, 'tags' | 'choices'>;
  readonly kinds: readonly (readonly TagKind[])[];
  readonly exclusions: Exclusions;
}

/** @param words that the text has, of those that the model read */
export function decode(logits: TaggedText, words: number, { shape, kinds, exclusions }: Decoder): Decoded {
  let start = 0;
  const chosen = shape.choices.map((classes) => {
    const logs = logSoftmax(logits.choices.subarray(start, start + classes));
    start += classes;
    const best = indexOfMost(logs);
    return { best, log: logs[best] };
  });
  const excluded = new Set(chosen.flatMap(({ best }, choice) => exclusions[choice]?.[best] ?? []));
  const width = shape.tags.reduce((sum, count) => sum + count, 0);
  const spans: Found[] = [];
  let [tags, leastTag, offset] = [0, 0, 0];
  shape.tags.forEach((count, layer) => {
    const at = offset;
    offset += count;
    if (words === 0) return;
    const rows = Array.from({ length: words }, (_, t) =>
      logSoftmax(logits.tags.subarray(t * width + at, t * width + at + count)),
    );
    const path = bestPath(
      rows,
      kinds[layer].map(({ label }) => excluded.has(label)),
    );
    path.forEach((tag, t) => {
      tags += rows[t][tag];
      leastTag = Math.min(leastTag, rows[t][tag]);
    });
    spans.push(...spansOf(path, rows, kinds[layer]));
  });
  return {
    spans,
    choices: chosen.map(({ best }) => best),
    scores: {
      tags,
      leastTag,
      choices: chosen.reduce((sum, { log }) => sum + log, 0),
      leastChoice: chosen.reduce((least, { log }) => Math.min(least, log), 0),
    },
  };
}

/** Tags 2k + 1 begin kind k, 2k + 2 go on with it: only after one of the two. */
export function bestPath(rows: readonly Float64Array[], excluded: readonly boolean[]): number[] {
  const allowed = (tag: number) => tag === 0 || !excluded[(tag - 1) >> 1];
  const inside = (tag: number) => tag > 0 && tag % 2 === 0;
  let scores = rows[0].map((log, tag) => (allowed(tag) && !inside(tag) ? log : Number.NEGATIVE_INFINITY));
  const from: Int32Array[] = [];
  for (const row of rows.slice(1)) {
    const best = indexOfMost(scores);
    const back = new Int32Array(row.length);
    const next = row.map((log, tag) => {
      let before = best;
      if (inside(tag)) before = scores[tag] > scores[tag - 1] ? tag : tag - 1;
      back[tag] = before;
      return allowed(tag) ? scores[before] + log : Number.NEGATIVE_INFINITY;
    });
    from.push(back);
    scores = next;
  }
  let tag = indexOfMost(scores);
  const path = [tag];
  for (const back of from.reverse()) {
    tag = back[tag];
    path.push(tag);
  }
  return path.reverse();
}

function spansOf(path: readonly number[], rows: readonly Float64Array[], kinds: readonly TagKind[]): Found[] {
  const spans: Found[] = [];
  for (let from = 0; from < path.length; from++) {
    if (path[from] % 2 === 0) continue;
    let to = from + 1;
    while (to < path.length && path[to] === path[from] + 1) to++;
    let score = 0;
    for (let t = from; t < to; t++) score += rows[t][path[t]];
    spans.push({ ...kinds[(path[from] - 1) >> 1], span: { from, to }, score: score / (to - from) });
  }
  return spans;
}

/** The likeliest span of a label, whatever stands beside it; undefined where there are no words. */
export function likeliestSpan(
  { tags }: Pick<TaggedText, 'tags'>,
  words: number,
  { shape, kinds }: Pick<Decoder, 'shape' | 'kinds'>,
  label: number,
): Found | undefined {
  const layer = kinds.findIndex((all) => all.some((kind) => kind.label === label));
  if (layer < 0 || words === 0) return undefined;
  const kind = kinds[layer].findIndex((one) => one.label === label);
  const width = shape.tags.reduce((sum, count) => sum + count, 0);
  const at = shape.tags.slice(0, layer).reduce((sum, count) => sum + count, 0);
  const rows = Array.from({ length: words }, (_, t) =>
    logSoftmax(tags.subarray(t * width + at, t * width + at + shape.tags[layer])),
  );
  const from = indexOfMost(Float64Array.from(rows, (row) => row[2 * kind + 1]));
  let to = from + 1;
  while (to < words && rows[to][2 * kind + 2] > rows[to][0]) to++;
  return { ...kinds[layer][kind], span: { from, to }, score: rows[from][2 * kind + 1] };
}

function logSoftmax(logits: Float32Array): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - most);
  return Float64Array.from(logits, (logit) => logit - most - Math.log(sum));
}

function indexOfMost(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
