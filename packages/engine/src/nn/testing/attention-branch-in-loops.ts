/**
 * The classifier's branch with attention, text by text and word by word: nothing packed, nothing masked.
 *
 * @module
 */
type Numbers = readonly number[];
type Parameters = Readonly<Record<string, Float32Array>>;

/** @param words of one text, each a vector; every number is kept in double precision */
export function attentionBranchInLoops(
  words: readonly Numbers[],
  parameters: Parameters,
  { width, heads, classes }: { width: number; heads: number; classes: number },
): number[] {
  const linear = (x: Numbers, name: string, outputs: number) =>
    Array.from({ length: outputs }, (_, o) =>
      x.reduce(
        (sum, value, i) => sum + value * parameters[`${name}.weight`][i * outputs + o],
        parameters[`${name}.bias`][o],
      ),
    );
  const norm = (x: Numbers, name: string) => {
    const mean = x.reduce((sum, value) => sum + value, 0) / width;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    return x.map(
      (value, i) =>
        ((value - mean) / Math.sqrt(variance + 1e-5)) * parameters[`${name}.gain`][i] +
        parameters[`${name}.bias`][i],
    );
  };
  const plus = (a: Numbers, b: Numbers) => a.map((value, i) => value + b[i]);
  const nothing = new Array<number>(width).fill(0);

  const read = words.map((word, t) => {
    const window = [words[t - 1] ?? nothing, word, words[t + 1] ?? nothing].flat();
    const gate = linear(window, 'gate', width);
    const local = linear(window, 'local', width);
    return word.map((value, i) => value + local[i] / (1 + Math.exp(-gate[i])));
  });
  const normed = read.map((x) => norm(x, 'attentionNorm'));
  const [queries, keys, values] = ['query', 'key', 'value'].map((name) =>
    normed.map((x) => linear(x, name, width)),
  );
  const size = width / heads;
  const attended = read.map((x, t) => {
    const seen = Array.from({ length: heads }, (_, head) => {
      const part = (vector: Numbers) => vector.slice(head * size, (head + 1) * size);
      const query = part(queries[t]);
      const scores = keys.map((key) =>
        Math.exp(part(key).reduce((sum, value, i) => sum + value * query[i], 0) / Math.sqrt(size)),
      );
      const total = scores.reduce((sum, score) => sum + score, 0);
      return Array.from({ length: size }, (_, i) =>
        values.reduce((sum, value, s) => sum + (scores[s] / total) * part(value)[i], 0),
      );
    }).flat();
    return plus(x, linear(seen, 'output', width));
  });
  const done = attended.map((x) => {
    const wide = linear(norm(x, 'forwardNorm'), 'wide', 2 * width).map(gelu);
    return norm(plus(x, linear(wide, 'narrow', width)), 'norm');
  });
  const mean = nothing.map((_, i) => done.reduce((sum, x) => sum + x[i], 0) / done.length);
  const strongest = nothing.map((_, i) => Math.max(...done.map((x) => x[i])));
  return linear([...mean, ...strongest], 'head', classes);
}

/** In its sigmoid form (Hendrycks and Gimpel, arXiv 1606.08415, section 2). */
const gelu = (x: number) => x / (1 + Math.exp(-1.702 * x));
