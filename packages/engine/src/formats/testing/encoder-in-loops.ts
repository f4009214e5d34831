/**
 * Encoders of texts in plain loops of float64, one text at a time and without any padding, straight from the tensors of
 * a checkpoint: it shares nothing with the engine, so that the two can be held against each other.
 *
 * @module
 */
import type { Checkpoint } from './random-encoder.ts';

type Row = Float64Array;
type Rows = Row[];

class Weights {
  readonly config: Record<string, unknown>;
  readonly #tensors: Checkpoint['tensors'];
  readonly #prefix: string;

  constructor({ config, tensors }: Checkpoint, prefix: string) {
    this.config = config;
    this.#tensors = tensors;
    this.#prefix = prefix;
  }

  number(name: string): number {
    return this.config[name] as number;
  }

  find(name: string): { data: ArrayLike<number>; dims: readonly number[] } | undefined {
    return (this.#tensors[this.#prefix + name] ?? this.#tensors[name]) as never;
  }

  row(name: string, index: number): Row {
    const { data, dims } = this.find(name)!;
    const width = dims[1]!;
    return Float64Array.from({ length: width }, (_, i) => data[index * width + i]!);
  }

  /** W x + b, with b where there is one. */
  linear(name: string, x: Row): Row {
    const { data, dims } = this.find(`${name}.weight`)!;
    const bias = this.find(`${name}.bias`)?.data;
    return Float64Array.from({ length: dims[0]! }, (_, out) => {
      let sum = bias ? bias[out]! : 0;
      for (let i = 0; i < dims[1]!; i++) sum += data[out * dims[1]! + i]! * x[i]!;
      return sum;
    });
  }

  norm(name: string, x: Row, epsilon: number): Row {
    const gain = this.find(`${name}.weight`)!.data;
    const bias = this.find(`${name}.bias`)?.data;
    const mean = x.reduce((a, b) => a + b) / x.length;
    const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length;
    return x.map(
      (value, i) => ((value - mean) / Math.sqrt(variance + epsilon)) * gain[i]! + (bias ? bias[i]! : 0),
    );
  }
}

/** The error function by its series, whose terms shrink at last: exact to 15 digits for the arguments of a test. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

export const geluInLoops = (x: number): number => (x / 2) * (1 + erf(x / Math.SQRT2));

const activations: Record<string, (x: number) => number> = {
  gelu: geluInLoops,
  gelu_new: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  relu: (x) => Math.max(0, x),
  silu: (x) => x / (1 + Math.exp(-x)),
  tanh: Math.tanh,
};

const plus = (a: Row, b: Row): Row => a.map((value, i) => value + b[i]!);

function attend(q: Rows, k: Rows, v: Rows, heads: number, sees: (i: number, j: number) => boolean): Rows {
  const width = q[0]!.length;
  const d = width / heads;
  return q.map((query, i) => {
    const out = new Float64Array(width);
    for (let h = 0; h < heads; h++) {
      const scores = k.map((key, j) => {
        if (!sees(i, j)) return Number.NEGATIVE_INFINITY;
        let dot = 0;
        for (let c = h * d; c < (h + 1) * d; c++) dot += query[c]! * key[c]!;
        return dot / Math.sqrt(d);
      });
      const most = Math.max(...scores);
      const shares = scores.map((score) => Math.exp(score - most));
      const sum = shares.reduce((a, b) => a + b);
      for (const [j, share] of shares.entries())
        for (let c = h * d; c < (h + 1) * d; c++) out[c]! += (share / sum) * v[j]![c]!;
    }
    return out;
  });
}

function rotate(x: Row, position: number, heads: number, base: number): Row {
  const d = x.length / heads;
  const turned = new Float64Array(x.length);
  for (let h = 0; h < heads; h++)
    for (let i = 0; i < d / 2; i++) {
      const angle = position * base ** ((-2 * i) / d);
      const [a, b] = [x[h * d + i]!, x[h * d + i + d / 2]!];
      turned[h * d + i] = a * Math.cos(angle) - b * Math.sin(angle);
      turned[h * d + i + d / 2] = b * Math.cos(angle) + a * Math.sin(angle);
    }
  return turned;
}

/** The hidden states of one text. */
export function encoderInLoops(checkpoint: Checkpoint): (ids: readonly number[]) => Rows {
  const type = String(checkpoint.config.model_type);
  const w = new Weights(checkpoint, type === 'modernbert' ? 'model.' : `${type}.`);
  if (type === 'modernbert') return (ids) => modernBert(w, ids);
  if (type === 'distilbert') return (ids) => distilBert(w, ids);
  return (ids) => bert(w, ids, type === 'roberta' ? 2 : 0);
}

function bert(w: Weights, ids: readonly number[], first: number): Rows {
  const epsilon = w.number('layer_norm_eps');
  const act = activations[String(w.config.hidden_act)]!;
  let x = ids.map((id, t) => {
    const sum = plus(
      plus(
        w.row('embeddings.word_embeddings.weight', id),
        w.row('embeddings.token_type_embeddings.weight', 0),
      ),
      w.row('embeddings.position_embeddings.weight', first + t),
    );
    return w.norm('embeddings.LayerNorm', sum, epsilon);
  });
  for (let i = 0; i < w.number('num_hidden_layers'); i++) {
    const at = `encoder.layer.${i}`;
    const [q, k, v] = ['query', 'key', 'value'].map((part) =>
      x.map((row) => w.linear(`${at}.attention.self.${part}`, row)),
    );
    const seen = attend(q!, k!, v!, w.number('num_attention_heads'), () => true);
    x = seen.map((row, t) =>
      w.norm(
        `${at}.attention.output.LayerNorm`,
        plus(x[t]!, w.linear(`${at}.attention.output.dense`, row)),
        epsilon,
      ),
    );
    x = x.map((row) => {
      const inner = w.linear(`${at}.intermediate.dense`, row).map(act);
      return w.norm(`${at}.output.LayerNorm`, plus(row, w.linear(`${at}.output.dense`, inner)), epsilon);
    });
  }
  return x;
}

function distilBert(w: Weights, ids: readonly number[]): Rows {
  const act = activations[String(w.config.activation)]!;
  let x = ids.map((id, t) =>
    w.norm(
      'embeddings.LayerNorm',
      plus(w.row('embeddings.word_embeddings.weight', id), w.row('embeddings.position_embeddings.weight', t)),
      1e-12,
    ),
  );
  for (let i = 0; i < w.number('n_layers'); i++) {
    const at = `transformer.layer.${i}`;
    const [q, k, v] = ['q_lin', 'k_lin', 'v_lin'].map((part) =>
      x.map((row) => w.linear(`${at}.attention.${part}`, row)),
    );
    const seen = attend(q!, k!, v!, w.number('n_heads'), () => true);
    x = seen.map((row, t) =>
      w.norm(`${at}.sa_layer_norm`, plus(x[t]!, w.linear(`${at}.attention.out_lin`, row)), 1e-12),
    );
    x = x.map((row) =>
      w.norm(
        `${at}.output_layer_norm`,
        plus(row, w.linear(`${at}.ffn.lin2`, w.linear(`${at}.ffn.lin1`, row).map(act))),
        1e-12,
      ),
    );
  }
  return x;
}

function modernBert(w: Weights, ids: readonly number[]): Rows {
  const epsilon = w.number('norm_eps');
  const heads = w.number('num_attention_heads');
  const act = activations[String(w.config.hidden_activation)]!;
  const width = w.number('hidden_size');
  let x = ids.map((id) => w.norm('embeddings.norm', w.row('embeddings.tok_embeddings.weight', id), epsilon));
  for (let i = 0; i < w.number('num_hidden_layers'); i++) {
    const at = `layers.${i}`;
    const isGlobal = i % w.number('global_attn_every_n_layers') === 0;
    const base = w.number(isGlobal ? 'global_rope_theta' : 'local_rope_theta');
    const reach = w.number('local_attention') / 2;
    const parts = x.map((row) =>
      w.linear(`${at}.attn.Wqkv`, i === 0 ? row : w.norm(`${at}.attn_norm`, row, epsilon)),
    );
    const part = (n: number) => parts.map((row) => row.slice(n * width, (n + 1) * width));
    const [q, k] = [part(0), part(1)].map((rows) => rows.map((row, t) => rotate(row, t, heads, base)));
    const seen = attend(q!, k!, part(2), heads, (a, b) => isGlobal || Math.abs(a - b) <= reach);
    x = seen.map((row, t) => plus(x[t]!, w.linear(`${at}.attn.Wo`, row)));
    x = x.map((row) => {
      const both = w.linear(`${at}.mlp.Wi`, w.norm(`${at}.mlp_norm`, row, epsilon));
      const half = both.length / 2;
      const inner = both.slice(0, half).map((value, j) => act(value) * both[half + j]!);
      return plus(row, w.linear(`${at}.mlp.Wo`, inner));
    });
  }
  return x.map((row) => w.norm('final_norm', row, epsilon));
}

/** The logits of one text, by the head of the architecture's class for classification. */
export function classifierInLoops(checkpoint: Checkpoint): (ids: readonly number[]) => Row {
  const { config } = checkpoint;
  const type = String(config.model_type);
  const encode = encoderInLoops(checkpoint);
  const w = new Weights(checkpoint, type === 'modernbert' ? '' : `${type}.`);
  return (ids) => {
    const rows = encode(ids);
    const first = rows[0]!;
    if (type === 'bert') return w.linear('classifier', w.linear('pooler.dense', first).map(Math.tanh));
    if (type === 'roberta')
      return w.linear('classifier.out_proj', w.linear('classifier.dense', first).map(Math.tanh));
    if (type === 'distilbert')
      return w.linear(
        'classifier',
        w.linear('pre_classifier', first).map((x) => Math.max(0, x)),
      );
    const pooled =
      config.classifier_pooling === 'mean' ? rows.reduce(plus).map((value) => value / rows.length) : first;
    const dense = w.linear('head.dense', pooled).map(geluInLoops);
    return w.linear('classifier', w.norm('head.norm', dense, w.number('norm_eps')));
  };
}
