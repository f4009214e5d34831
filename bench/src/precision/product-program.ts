/**
 * ONNX models of matrix products as a training in mixed precision would make them: what goes in and what comes out is
 * float32, the product itself is not.
 *
 * @module
 */

import { randomStream, uniform } from '@kolben/engine';
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
const types = onnx.TensorProto.DataType;

/** How a product is computed. */
export const ways = [
  'float32',
  'float16, MatMul',
  'float16, Gemm',
  'bfloat16, MatMul',
  'int8, MatMulInteger',
] as const;
export type Way = (typeof ways)[number];

/** A feed-forward part: from `inputs` to `hidden` and back, `rows` at a time. */
export interface ProductShape {
  readonly name: string;
  readonly rows: number;
  readonly inputs: number;
  readonly hidden: number;
}

/**
 * `x` (rows, inputs) → `y` (rows, inputs) after `pairs` times two products with ReLU after each, all with weights of
 * their own. Weights are part of the program, so that their conversion is done once, when it is loaded: as if they were
 * converted once for many microbatches.
 */
export function productProgram(way: Way, { rows, inputs, hidden }: ProductShape, pairs: number): Uint8Array {
  const nodes: onnxProto.onnx.INodeProto[] = [];
  const initializer: onnxProto.onnx.ITensorProto[] = [];
  let made = 0;
  const node = (
    opType: string,
    input: string[],
    attribute: onnxProto.onnx.IAttributeProto[] = [],
  ): string => {
    const output = [`n${made++}`];
    nodes.push({ name: output[0], opType, input, output, attribute });
    return output[0];
  };
  const cast = (value: string, to: number) =>
    node('Cast', [value], [{ name: 'to', type: onnx.AttributeProto.AttributeType.INT, i: to }]);

  let x = 'x';
  for (let i = 0; i < 2 * pairs; i++) {
    const dims = i % 2 === 0 ? [inputs, hidden] : [hidden, inputs];
    const weights = drawWeights(i, dims);
    const name = `weights${i}`;
    if (way === 'int8, MatMulInteger') {
      const { data, scale } = quantized(weights);
      initializer.push({ name, dims, dataType: types.INT8, rawData: bytesOf(data) });
      initializer.push({ name: `${name}.scale`, dims: [], dataType: types.FLOAT, floatData: [scale] });
      const [bytes, unit, zero] = ['bytes', 'unit', 'zero'].map((part) => `${part}${i}`);
      nodes.push({ opType: 'DynamicQuantizeLinear', input: [x], output: [bytes, unit, zero] });
      const sums = cast(node('MatMulInteger', [bytes, name, zero]), types.FLOAT);
      x = node('Mul', [sums, node('Mul', [unit, `${name}.scale`])]);
    } else {
      initializer.push({ name, dims, dataType: types.FLOAT, rawData: bytesOf(weights) });
      const [precision, opType] = way === 'float32' ? ['float32', 'MatMul'] : way.split(', ');
      const type = { float32: types.FLOAT, float16: types.FLOAT16, bfloat16: types.BFLOAT16 }[precision];
      const narrow = (value: string) => (type === types.FLOAT ? value : cast(value, type as number));
      const product = node(opType, [narrow(x), narrow(name)]);
      x = type === types.FLOAT ? product : cast(product, types.FLOAT);
    }
    x = node('Relu', [x]);
  }
  nodes.push({ opType: 'Identity', input: [x], output: ['y'] });

  const dim = [rows, inputs].map((dimValue) => ({ dimValue }));
  const type = { tensorType: { elemType: types.FLOAT, shape: { dim } } };
  return onnx.ModelProto.encode({
    irVersion: 10,
    producerName: 'kolben-bench',
    opsetImport: [{ domain: '', version: 21 }],
    graph: {
      name: 'products',
      node: nodes,
      initializer,
      input: [{ name: 'x', type }],
      output: [{ name: 'y', type }],
    },
  }).finish();
}

/** Of a size that keeps what flows through at its own. */
function drawWeights(index: number, [rows, columns]: readonly number[]): Float32Array {
  const draw = randomStream('products', index);
  const most = Math.sqrt(6 / rows);
  return Float32Array.from({ length: rows * columns }, () => (2 * uniform(draw) - 1) * most);
}

/**
 * In seven of the eight bits: a processor without instructions for such products (VNNI) adds two of them up in 16 bits, and
 * cuts off what is larger. ONNX Runtime calls it `reduce_range`.
 */
function quantized(weights: Float32Array): { data: Int8Array; scale: number } {
  const scale = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / 64;
  return { data: Int8Array.from(weights, (weight) => Math.round(weight / scale)), scale };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Int8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
