/**
 * What the open encoders that a student may stand on are described by.
 *
 * @module
 */
import { GraphError } from '../graph/graph.ts';

/** Between the two matrices of a feed-forward part, or after a head's; `gelu` is the exact one. */
export type Activation = 'gelu' | 'geluTanh' | 'relu' | 'silu' | 'tanh';

interface CommonShape {
  /** How many different tokens there are. */
  readonly vocabulary: number;
  /** Of the residual stream; a multiple of the heads. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width inside the feed-forward part. */
  readonly hidden: number;
  /** Tokens that a text may have at most. */
  readonly positions: number;
  /** Under the root of layer normalisation. */
  readonly epsilon: number;
  readonly activation: Activation;
  /** After the first matrix of the head. */
  readonly headActivation: Activation;
}

/**
 * The encoder of Devlin et al. (arXiv 1810.04805), normalised after each part, with a table of positions; also MiniLM,
 * RoBERTa and DistilBERT, which differ in their tables and their head.
 */
export interface BertShape extends CommonShape {
  readonly kind: 'bert';
  /** Kinds of segments, of which a text's is the first; 0 where there is no table of them. */
  readonly types: number;
  /** The row of the table of positions that belongs to a text's first token; 0, but for RoBERTa. */
  readonly firstPosition: number;
}

/**
 * The encoder of Warner et al. (arXiv 2412.13663): normalised before each part, rotated positions, gated feed-forward
 * parts, and attention that in most layers sees the neighbourhood only.
 */
export interface ModernBertShape extends CommonShape {
  readonly kind: 'modernBert';
  /** By layer: whether its attention sees the whole text. */
  readonly isGlobal: readonly boolean[];
  /** How far the others see to either side, in tokens. */
  readonly reach: number;
  readonly globalBase: number;
  readonly localBase: number;
  readonly attentionBias: boolean;
  readonly feedForwardBias: boolean;
  readonly normBias: boolean;
  readonly headBias: boolean;
  /** What the head reads: the first token, or the mean over all of the text. */
  readonly pooling: 'first' | 'mean';
}

/** An encoder of texts as it comes from elsewhere. */
export type TextEncoderShape = BertShape | ModernBertShape;

/** @throws GraphError (`graph_encoder`) for numbers that make no encoder: the sentence says which, and what they must be. */
export function checkTextEncoderShape(shape: TextEncoderShape): void {
  const refuse = (what: string): never => {
    throw new GraphError('graph_encoder', `The shape makes no encoder: ${what}.`);
  };
  const { vocabulary, width, layers, heads, hidden, positions, epsilon } = shape;
  for (const [name, count] of Object.entries({ vocabulary, width, layers, heads, hidden, positions }))
    if (!(Number.isInteger(count) && count >= 1 && count <= 2 ** 24))
      refuse(`${name} is ${count}; it must be a whole number from 1 to 2^24`);
  if (!(epsilon > 0 && Number.isFinite(epsilon))) refuse(`epsilon is ${epsilon}; it must be above 0`);
  if (width % heads !== 0)
    refuse(`width is ${width} and heads is ${heads}; the second must divide the first`);
  if (shape.kind === 'bert') {
    const { types, firstPosition } = shape;
    for (const [name, count] of Object.entries({ types, firstPosition }))
      if (!(Number.isInteger(count) && count >= 0 && count <= 2 ** 24))
        refuse(`${name} is ${count}; it must be a whole number from 0 to 2^24`);
    return;
  }
  if ((width / heads) % 2 !== 0)
    refuse(`heads are ${width / heads} wide; their width must be even to be rotated`);
  const { isGlobal, reach, globalBase, localBase } = shape;
  if (isGlobal.length !== layers)
    refuse(`${isGlobal.length} layers are said to be global or not, and there are ${layers}`);
  if (!(Number.isInteger(reach) && reach >= 0)) refuse(`reach is ${reach}; it must be a whole number`);
  for (const [name, number] of Object.entries({ globalBase, localBase }))
    if (!(number > 0 && Number.isFinite(number))) refuse(`${name} is ${number}; it must be above 0`);
}
