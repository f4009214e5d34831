/**
 * Attention with rotary positions, as decoders and encoders use it.
 *
 * @module
 */
import { constant, type Value } from '../graph/graph.ts';
import { attend } from '../graph/ops/attend.ts';
import { attentionWeights } from '../graph/ops/attention-weights.ts';
import { concat } from '../graph/ops/concat.ts';
import { repeatHeads } from '../graph/ops/repeat-heads.ts';
import { slice } from '../graph/ops/slice.ts';

/** What a mask adds to scores that must not count: far below any score, and no infinity that could become NaN. */
export const masked = -1e9;

/**
 * Queries from so many on are taken in blocks, of which each looks only at the keys up to its own end: on the whole
 * half of the products, for a little more work at the seams.
 */
const blockLength = 64;

/**
 * Attention of H heads over keys and values of K: (B, H, T, d), (B, K, S, d), (B, K, S, d) → (B, H, T, d). K divides H:
 * grouped-query attention (Ainslie et al., arXiv 2305.13245).
 *
 * @param mask added to the scores, broadcastable to (B, H, T, S)
 */
export function attention(q: Value, k: Value, v: Value, mask?: Value): Value {
  const { factor, keys, values } = prepared(q, k, v);
  return attend(attentionWeights(q, keys, factor, mask), q, keys, values, factor);
}

/** The same where each of T positions, a known number, sees itself and those before it. */
export function causalAttention(q: Value, k: Value, v: Value): Value {
  const { factor, keys, values } = prepared(q, k, v);
  const length = q.shape[2] as number;
  const blocks = length % blockLength === 0 ? length / blockLength : 1;
  const size = length / blocks;
  const parts = Array.from({ length: blocks }, (_, block) => {
    const end = (block + 1) * size;
    const part = (x: Value, start: number) => (start === 0 && end === length ? x : slice(x, 2, start, end));
    const [queries, seenKeys, seenValues] = [part(q, block * size), part(keys, 0), part(values, 0)];
    const weights = attentionWeights(queries, seenKeys, factor, causalMask(q, block * size, end));
    return attend(weights, queries, seenKeys, seenValues, factor);
  });
  return parts.length === 1 ? parts[0] : concat(parts, 2);
}

function prepared(q: Value, k: Value, v: Value) {
  const times = (q.shape[1] as number) / (k.shape[1] as number);
  return {
    factor: (q.shape[3] as number) ** -0.5,
    keys: repeatHeads(k, times),
    values: repeatHeads(v, times),
  };
}

/** Queries `start` to `end` by keys 0 to `end`: (end - start, end). */
function causalMask(like: Value, start: number, end: number): Value {
  const rows = end - start;
  const numbers = Array.from({ length: rows * end }, (_, i) =>
    i % end <= start + Math.floor(i / end) ? 0 : masked,
  );
  return constant(like, like.dtype, numbers, [rows, end]);
}
