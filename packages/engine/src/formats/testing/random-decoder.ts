/**
 * Small decoders with invented weights, as files from elsewhere hold them: names and shapes are written down here once
 * more, by hand.
 *
 * @module
 */
import { randomStream, uniform } from '../../run/random.ts';
import type { Checkpoint } from './random-encoder.ts';

interface Variant {
  readonly type: 'llama' | 'qwen2' | 'qwen3';
  readonly tied?: boolean;
  readonly headWidth?: number;
  readonly config?: Record<string, unknown>;
}

const [vocabulary, width, hidden, layers, heads, keyValueHeads] = [26, 16, 20, 2, 4, 2];

export function decoderCheckpoint({ type, tied = false, headWidth = 4, config = {} }: Variant): Checkpoint {
  const dims: Record<string, number[]> = { 'model.embed_tokens.weight': [vocabulary, width] };
  for (let i = 0; i < layers; i++) {
    const layer = `model.layers.${i}`;
    const [q, kv] = [heads * headWidth, keyValueHeads * headWidth];
    Object.assign(dims, {
      [`${layer}.input_layernorm.weight`]: [width],
      [`${layer}.self_attn.q_proj.weight`]: [q, width],
      [`${layer}.self_attn.k_proj.weight`]: [kv, width],
      [`${layer}.self_attn.v_proj.weight`]: [kv, width],
      [`${layer}.self_attn.o_proj.weight`]: [width, q],
      [`${layer}.post_attention_layernorm.weight`]: [width],
      [`${layer}.mlp.gate_proj.weight`]: [hidden, width],
      [`${layer}.mlp.up_proj.weight`]: [hidden, width],
      [`${layer}.mlp.down_proj.weight`]: [width, hidden],
    });
    if (type === 'qwen2')
      for (const [part, rows] of [
        ['q', q],
        ['k', kv],
        ['v', kv],
      ] as const)
        dims[`${layer}.self_attn.${part}_proj.bias`] = [rows];
    if (type === 'qwen3')
      for (const part of ['q', 'k']) dims[`${layer}.self_attn.${part}_norm.weight`] = [headWidth];
  }
  dims['model.norm.weight'] = [width];
  if (!tied) dims['lm_head.weight'] = [vocabulary, width];
  const draw = randomStream(8, 'decoder');
  return {
    config: {
      ...{ model_type: type, vocab_size: vocabulary, hidden_size: width, intermediate_size: hidden },
      ...{ num_hidden_layers: layers, num_attention_heads: heads, num_key_value_heads: keyValueHeads },
      ...{ hidden_act: 'silu', max_position_embeddings: 48, rms_norm_eps: 1e-6, rope_theta: 500 },
      ...(type === 'qwen2' ? {} : { head_dim: headWidth }),
      ...{ tie_word_embeddings: tied, ...config },
    },
    tensors: Object.fromEntries(
      Object.entries(dims).map(([name, shape]) => {
        const length = shape.reduce((product, dim) => product * dim, 1);
        const isGain = name.includes('norm');
        const data = Float32Array.from({ length }, () => (isGain ? 0.7 : -0.4) + 0.8 * uniform(draw));
        return [name, { data, dims: shape }];
      }),
    ),
  };
}
