/**
 * Decoders of the Llama family in plain loops of float64, straight from the tensors of a checkpoint: it shares nothing
 * with the engine, so that the two can be held against each other.
 *
 * @module
 */
import type { Checkpoint } from './random-encoder.ts';

type Row = Float64Array;

/** The logits after each token of a text. */
export function decoderInLoops({ config, tensors }: Checkpoint): (tokens: readonly number[]) => Row[] {
  const number = (name: string) => config[name] as number;
  const [heads, keyValueHeads, epsilon] = [
    number('num_attention_heads'),
    number('num_key_value_heads'),
    number('rms_norm_eps'),
  ];
  const d = (config.head_dim as number | undefined) ?? number('hidden_size') / heads;
  const data = (name: string) => tensors[name]?.data as ArrayLike<number> | undefined;
  const linear = (name: string, x: Row): Row => {
    const weight = data(`${name}.weight`)!;
    const bias = data(`${name}.bias`);
    return Float64Array.from({ length: weight.length / x.length }, (_, out) => {
      let sum = bias?.[out] ?? 0;
      for (let i = 0; i < x.length; i++) sum += weight[out * x.length + i]! * x[i]!;
      return sum;
    });
  };
  const norm = (name: string, x: Row): Row => {
    const gain = data(`${name}.weight`)!;
    const root = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length + epsilon);
    return x.map((value, i) => (value / root) * gain[i]!);
  };
  const frequencies = Array.from({ length: d / 2 }, (_, i) =>
    stretched(number('rope_theta') ** ((-2 * i) / d), config),
  );
  /** Head by head: normalised where the checkpoint says so, and rotated. */
  const prepared = (name: string, x: Row, position: number): Row[] =>
    Array.from({ length: x.length / d }, (_, h) => {
      const own = x.slice(h * d, (h + 1) * d);
      const head = data(`${name}.weight`) ? norm(name, own) : own;
      return head.map((value, i) => {
        const angle = position * frequencies[i % (d / 2)]!;
        const other = i < d / 2 ? -head[i + d / 2]! : head[i - d / 2]!;
        return value * Math.cos(angle) + other * Math.sin(angle);
      });
    });
  return (tokens) => {
    const table = data('model.embed_tokens.weight')!;
    const width = number('hidden_size');
    let x = tokens.map((token) => Float64Array.from({ length: width }, (_, i) => table[token * width + i]!));
    for (let layer = 0; layer < number('num_hidden_layers'); layer++) {
      const at = `model.layers.${layer}`;
      const normed = x.map((row) => norm(`${at}.input_layernorm`, row));
      const part = (name: string) => normed.map((row) => linear(`${at}.self_attn.${name}_proj`, row));
      const [q, k] = ['q', 'k'].map((name) =>
        part(name).map((row, t) => prepared(`${at}.self_attn.${name}_norm`, row, t)),
      );
      const v = part('v');
      x = x.map((row, t) => {
        const seen = new Float64Array(heads * d);
        for (let h = 0; h < heads; h++) {
          const shared = Math.floor((h * keyValueHeads) / heads);
          const scores = k!
            .slice(0, t + 1)
            .map(
              (key) => key[shared]!.reduce((sum, value, i) => sum + value * q![t]![h]![i]!, 0) / Math.sqrt(d),
            );
          const shares = scores.map((score) => Math.exp(score - Math.max(...scores)));
          const total = shares.reduce((a, b) => a + b);
          for (const [s, share] of shares.entries())
            for (let i = 0; i < d; i++) seen[h * d + i]! += (share / total) * v[s]![shared * d + i]!;
        }
        return row.map((value, i) => value + linear(`${at}.self_attn.o_proj`, seen)[i]!);
      });
      x = x.map((row) => {
        const z = norm(`${at}.post_attention_layernorm`, row);
        const up = linear(`${at}.mlp.up_proj`, z);
        const inner = linear(`${at}.mlp.gate_proj`, z).map(
          (value, i) => (value / (1 + Math.exp(-value))) * up[i]!,
        );
        const down = linear(`${at}.mlp.down_proj`, inner);
        return row.map((value, i) => value + down[i]!);
      });
    }
    const head = tensors['lm_head.weight'] ? 'lm_head' : 'model.embed_tokens';
    return x.map((row) => linear(head, norm('model.norm', row)));
  };
}

/** By wave lengths, as the configuration's fields are explained. */
function stretched(frequency: number, { rope_scaling: scaling }: Checkpoint['config']): number {
  if (!scaling) return frequency;
  const of = scaling as Record<string, number | string>;
  if (of.rope_type === 'linear') return frequency / Number(of.factor);
  const [factor, low, high, context] = [
    ...['factor', 'low_freq_factor', 'high_freq_factor', 'original_max_position_embeddings'].map((name) =>
      Number(of[name]),
    ),
  ] as [number, number, number, number];
  const length = (2 * Math.PI) / frequency;
  if (length > context / low) return frequency / factor;
  if (length < context / high) return frequency;
  const smooth = (context / length - low) / (high - low);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}
