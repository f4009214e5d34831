/**
 * Reverse-mode differentiation, from graph to graph: the gradient is more calls in the same graph, each in the
 * block of the forward call it belongs to, so that a cut into stages cuts both alike.
 *
 * @module
 */
import { type Call, type Graph, GraphError, scalar, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { scatterAdd, scatterAddOp } from '../graph/ops/scatter-add.ts';
import { zerosLikeOp } from '../graph/ops/zeros-like.ts';
import { formatShape } from '../graph/shape.ts';

/**
 * The gradients of `loss` by each of `parameters`, as values of the same graph: for every place at which a parameter
 * is used, the part that comes from its uses there. The parts of all places sum to the gradient.
 *
 * Contributions to one value are added in the order in which the backward pass meets them, latest block
 * first, so that a value used by several stages is summed along the chain of stages.
 *
 * @param placeOf the place of a forward call; by default there is one, 0
 * @throws GraphError if `loss` is not a single number, or does not depend on one of the parameters.
 */
export function differentiate(
  loss: Value,
  parameters: readonly Value[],
  placeOf: (call: Call) => number = () => 0,
): Map<Value, ReadonlyMap<number, Value>> {
  const { graph } = loss;
  if (loss.shape.length !== 0)
    throw new GraphError('graph_loss', `The loss must be a single number, not ${formatShape(loss.shape)}.`);

  const active = dependents(graph, parameters);
  const parts = new Map(parameters.map((parameter) => [parameter, new Map<number, Value>()]));
  const gradients = new Map<Value, Value>([[loss, scalar(loss, 1)]]);

  for (let id = loss.id; id >= 0; id--) {
    const value = graph.values[id];
    const outputGradient = gradients.get(value);
    const call = value.call;
    if (!call || !outputGradient || !active.has(value)) continue;
    if (!call.op.gradient)
      throw new GraphError(
        'graph_gradient',
        `${call.op.name} at "${call.scope}", which makes ${formatShape(value.shape)}, has no gradient; let no parameter reach the loss through it.`,
      );
    graph.within(call, () => {
      const contributions = (call.op.gradient as NonNullable<Call['op']['gradient']>)(call, outputGradient);
      call.inputs.forEach((input, i) => {
        const contribution = contributions[i];
        if (!contribution || !active.has(input)) return;
        const ofInput = parts.get(input);
        const earlier = ofInput ? ofInput.get(placeOf(call)) : gradients.get(input);
        const sum = earlier ? sumOf(earlier, contribution) : contribution;
        if (ofInput) ofInput.set(placeOf(call), sum);
        else gradients.set(input, sum);
      });
    });
  }

  for (const [parameter, ofParameter] of parts) {
    if (ofParameter.size > 0) continue;
    const name = parameter.source?.kind === 'parameter' ? parameter.source.name : `#${parameter.id}`;
    throw new GraphError('graph_unused', `The loss does not depend on the parameter "${name}"; remove it.`);
  }
  return parts;
}

/** Rows that are added to nothing are added to the other instead: no table of zeros, no second pass over it. */
function sumOf(a: Value, b: Value): Value {
  for (const [rows, other] of [
    [b, a],
    [a, b],
  ]) {
    if (rows.call?.op !== scatterAddOp || rows.call.inputs[0].call?.op !== zerosLikeOp) continue;
    return scatterAdd(other, rows.call.inputs[1], rows.call.inputs[2]);
  }
  return add(a, b);
}

/** The values that depend on any of `sources`, those included. */
function dependents(graph: Graph, sources: readonly Value[]): Set<Value> {
  const found = new Set(sources);
  for (const value of graph.values) {
    if (value.call?.inputs.some((input) => found.has(input))) found.add(value);
  }
  return found;
}
