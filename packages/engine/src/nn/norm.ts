import type { Value } from '../graph/graph.ts';
import { layerNorm } from '../graph/ops/layer-norm.ts';

/** Layer normalisation over the last axis, of extent `width`, with gain and bias of its own. */
export function norm(x: Value, name: string, width: number): Value {
  return x.graph.scope(name, () =>
    layerNorm(
      x,
      x.graph.parameter('gain', [width], { kind: 'ones' }),
      x.graph.parameter('bias', [width], { kind: 'zeros' }),
    ),
  );
}
