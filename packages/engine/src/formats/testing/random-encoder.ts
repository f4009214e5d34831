/**
 * Small encoders with invented weights, as files from elsewhere hold them: names and shapes are written down here once
 * more, by hand.
 *
 * @module
 */
import type { TensorData } from '../../graph/dtype.ts';
import { randomStream, uniform } from '../../run/random.ts';

export interface Checkpoint {
  readonly config: Record<string, unknown>;
  readonly tensors: Record<string, TensorData>;
}

type Dims = Record<string, number[]>;

function drawn(dims: Dims, seed: number): Record<string, TensorData> {
  const draw = randomStream(seed, 'checkpoint');
  return Object.fromEntries(
    Object.entries(dims).map(([name, shape]) => {
      const length = shape.reduce((product, dim) => product * dim, 1);
      // Gains lie about 1, everything else about 0.
      const isGain = /norm.*weight$/i.test(name);
      const data = Float32Array.from({ length }, () => (isGain ? 0.7 : -0.3) + 0.6 * uniform(draw));
      return [name, { data, dims: shape }];
    }),
  );
}

const linear = (name: string, outputs: number, inputs: number): Dims => ({
  [`${name}.weight`]: [outputs, inputs],
  [`${name}.bias`]: [outputs],
});
const norm = (name: string, width: number): Dims => ({
  [`${name}.weight`]: [width],
  [`${name}.bias`]: [width],
});

const [width, hidden, layers, vocabulary] = [12, 20, 2, 30];

/** BERT or RoBERTa, with what a checkpoint of masked words has beside the encoder. */
export function bertCheckpoint(
  type: 'bert' | 'roberta',
  { seed = 1, act = 'gelu', bare = false } = {},
): Checkpoint {
  const prefix = bare ? '' : `${type}.`;
  const dims: Dims = {
    [`${prefix}embeddings.word_embeddings.weight`]: [vocabulary, width],
    [`${prefix}embeddings.position_embeddings.weight`]: [type === 'roberta' ? 18 : 16, width],
    [`${prefix}embeddings.token_type_embeddings.weight`]: [type === 'roberta' ? 1 : 2, width],
    ...norm(`${prefix}embeddings.LayerNorm`, width),
  };
  for (let i = 0; i < layers; i++) {
    const layer = `${prefix}encoder.layer.${i}`;
    Object.assign(
      dims,
      linear(`${layer}.attention.self.query`, width, width),
      linear(`${layer}.attention.self.key`, width, width),
      linear(`${layer}.attention.self.value`, width, width),
      linear(`${layer}.attention.output.dense`, width, width),
      norm(`${layer}.attention.output.LayerNorm`, width),
      linear(`${layer}.intermediate.dense`, hidden, width),
      linear(`${layer}.output.dense`, width, hidden),
      norm(`${layer}.output.LayerNorm`, width),
    );
  }
  if (type === 'bert') Object.assign(dims, linear(`${prefix}pooler.dense`, width, width));
  if (!bare && type === 'bert')
    Object.assign(dims, linear('cls.predictions.transform.dense', width, width), {
      'cls.predictions.bias': [vocabulary],
    });
  if (!bare && type === 'roberta') Object.assign(dims, linear('lm_head.dense', width, width));
  return {
    config: {
      ...{ model_type: type, vocab_size: vocabulary, hidden_size: width, num_hidden_layers: layers },
      ...{ num_attention_heads: 3, intermediate_size: hidden, hidden_act: act, layer_norm_eps: 1e-6 },
      ...(type === 'roberta'
        ? { max_position_embeddings: 18, type_vocab_size: 1, pad_token_id: 1 }
        : { max_position_embeddings: 16, type_vocab_size: 2, pad_token_id: 0 }),
    },
    tensors: drawn(dims, seed),
  };
}

export function distilBertCheckpoint({ seed = 2 } = {}): Checkpoint {
  const dims: Dims = {
    'distilbert.embeddings.word_embeddings.weight': [vocabulary, width],
    'distilbert.embeddings.position_embeddings.weight': [16, width],
    ...norm('distilbert.embeddings.LayerNorm', width),
    'vocab_transform.weight': [width, width],
  };
  for (let i = 0; i < layers; i++) {
    const layer = `distilbert.transformer.layer.${i}`;
    Object.assign(
      dims,
      ...['q_lin', 'k_lin', 'v_lin', 'out_lin'].map((part) =>
        linear(`${layer}.attention.${part}`, width, width),
      ),
      norm(`${layer}.sa_layer_norm`, width),
      linear(`${layer}.ffn.lin1`, hidden, width),
      linear(`${layer}.ffn.lin2`, width, hidden),
      norm(`${layer}.output_layer_norm`, width),
    );
  }
  return {
    config: {
      ...{ model_type: 'distilbert', vocab_size: vocabulary, dim: width, n_layers: layers, n_heads: 3 },
      ...{ hidden_dim: hidden, activation: 'gelu', max_position_embeddings: 16 },
    },
    tensors: drawn(dims, seed),
  };
}

/** As `answerdotai/ModernBERT-base` is laid out, with its head for masked words; every second layer sees all. */
export function modernBertCheckpoint({
  seed = 3,
  pooling = 'mean',
  reach = 2,
  head = true,
} = {}): Checkpoint {
  const count = 3;
  const dims: Dims = {
    'model.embeddings.tok_embeddings.weight': [vocabulary, width],
    'model.embeddings.norm.weight': [width],
  };
  for (let i = 0; i < count; i++) {
    const layer = `model.layers.${i}`;
    Object.assign(dims, {
      ...(i > 0 && { [`${layer}.attn_norm.weight`]: [width] }),
      [`${layer}.attn.Wqkv.weight`]: [3 * width, width],
      [`${layer}.attn.Wo.weight`]: [width, width],
      [`${layer}.mlp_norm.weight`]: [width],
      [`${layer}.mlp.Wi.weight`]: [2 * hidden, width],
      [`${layer}.mlp.Wo.weight`]: [width, hidden],
    });
  }
  dims['model.final_norm.weight'] = [width];
  if (head) Object.assign(dims, { 'head.dense.weight': [width, width], 'head.norm.weight': [width] });
  dims['decoder.bias'] = [vocabulary];
  return {
    config: {
      ...{ model_type: 'modernbert', vocab_size: vocabulary, hidden_size: width, num_hidden_layers: count },
      ...{ num_attention_heads: 3, intermediate_size: hidden, hidden_activation: 'gelu', norm_eps: 1e-5 },
      ...{ max_position_embeddings: 64, local_attention: 2 * reach, global_attn_every_n_layers: 2 },
      ...{ global_rope_theta: 160_000, local_rope_theta: 10_000, norm_bias: false, attention_bias: false },
      ...{ mlp_bias: false, classifier_pooling: pooling, classifier_activation: 'gelu', pad_token_id: 0 },
    },
    tensors: drawn(dims, seed),
  };
}
