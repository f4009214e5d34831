/**
 * The forward pass of a llama2.c model in plain loops, straight from the file's bytes: it shares nothing with the
 * engine, so that the two can be held against each other.
 *
 * @module
 */
interface Weights {
  readonly width: number;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly vocabulary: number;
  readonly take: (count: number) => Float32Array;
}

export function llamaInLoops(bytes: Uint8Array): (token: number) => Float64Array {
  const copy = bytes.slice();
  const header = new Int32Array(copy.buffer, 0, 7);
  const all = new Float32Array(copy.buffer, 28);
  let at = 0;
  const take = (count: number) => {
    at += count;
    return all.subarray(at - count, at);
  };
  const [width, hidden, layers, heads, keyValueHeads, signed, positions] = header as unknown as number[];
  const vocabulary = Math.abs(signed!);
  return build(
    {
      width: width!,
      hidden: hidden!,
      layers: layers!,
      heads: heads!,
      keyValueHeads: keyValueHeads!,
      vocabulary,
      take,
    },
    signed! > 0,
    positions!,
  );
}

function build(w: Weights, tied: boolean, positions: number): (token: number) => Float64Array {
  const { width, hidden, layers, heads, keyValueHeads, vocabulary, take } = w;
  const d = width / heads;
  const kvWidth = d * keyValueHeads;
  const each = (count: number) => Array.from({ length: layers }, () => take(count));
  const table = take(vocabulary * width);
  const attentionNorm = each(width);
  const wq = each(width * width);
  const wk = each(width * kvWidth);
  const wv = each(width * kvWidth);
  const wo = each(width * width);
  const feedNorm = each(width);
  const w1 = each(hidden * width);
  const w2 = each(width * hidden);
  const w3 = each(hidden * width);
  const lastNorm = take(width);
  take(positions * d);
  const head = tied ? table : take(vocabulary * width);

  const times = (matrix: Float32Array, x: Float64Array, rows: number): Float64Array => {
    const y = new Float64Array(rows);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < x.length; j++) y[i]! += matrix[i * x.length + j]! * x[j]!;
    return y;
  };
  const normed = (x: Float64Array, gain: Float32Array): Float64Array => {
    let squares = 0;
    for (const value of x) squares += value * value;
    const inverse = 1 / Math.sqrt(squares / x.length + 1e-5);
    return x.map((value, i) => value * inverse * gain[i]!);
  };
  const rotate = (x: Float64Array, position: number): void => {
    for (let i = 0; i < x.length; i += 2) {
      const angle = position / 10000 ** ((i % d) / d);
      const [a, b] = [x[i]!, x[i + 1]!];
      x[i] = a * Math.cos(angle) - b * Math.sin(angle);
      x[i + 1] = a * Math.sin(angle) + b * Math.cos(angle);
    }
  };

  const keys: Float64Array[][] = Array.from({ length: layers }, () => []);
  const values: Float64Array[][] = Array.from({ length: layers }, () => []);
  let position = 0;
  return (token) => {
    const x = Float64Array.from(table.subarray(token * width, (token + 1) * width));
    for (let layer = 0; layer < layers; layer++) {
      const y = normed(x, attentionNorm[layer]!);
      const q = times(wq[layer]!, y, width);
      const k = times(wk[layer]!, y, kvWidth);
      rotate(q, position);
      rotate(k, position);
      keys[layer]!.push(k);
      values[layer]!.push(times(wv[layer]!, y, kvWidth));
      const together = new Float64Array(width);
      for (let h = 0; h < heads; h++) {
        const kv = Math.floor((h * keyValueHeads) / heads) * d;
        const scores = keys[layer]!.map((key) => {
          let score = 0;
          for (let i = 0; i < d; i++) score += q[h * d + i]! * key[kv + i]!;
          return score / Math.sqrt(d);
        });
        const most = Math.max(...scores);
        const shares = scores.map((score) => Math.exp(score - most));
        const sum = shares.reduce((a, b) => a + b);
        for (const [t, share] of shares.entries())
          for (let i = 0; i < d; i++) together[h * d + i]! += (share / sum) * values[layer]![t]![kv + i]!;
      }
      times(wo[layer]!, together, width).forEach((value, i) => {
        x[i]! += value;
      });
      const z = normed(x, feedNorm[layer]!);
      const gate = times(w1[layer]!, z, hidden);
      const up = times(w3[layer]!, z, hidden);
      const inner = gate.map((value, i) => (value / (1 + Math.exp(-value))) * up[i]!);
      times(w2[layer]!, inner, width).forEach((value, i) => {
        x[i]! += value;
      });
    }
    position++;
    return times(head, normed(x, lastNorm), vocabulary);
  };
}
