/**
 * model.safetensors: every number of the model, so that its ONNX form can be made again from it.
 *
 * @module
 */
import {
  type Graph,
  nn,
  type Parameters,
  readSafetensors,
  type TensorData,
  writeSafetensors,
} from '@kolben/engine';
import { tables } from './answering-graph.ts';
import { hasEmptyRow, withoutFirstRow } from './emit-student.ts';
import type { TableNames } from './packed-tables.ts';
import type { StudentShape } from './shape.ts';
import { buckets } from './spelling.ts';
import { trainingLoss } from './training-graph.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface Weights {
  readonly vocabulary: Vocabulary;
  /** Row 0 of the tables, of features without a vector, is zero. */
  readonly parameters: Parameters;
}

/** The tables of the vocabulary, by their names in the file. */
const lookups = {
  'vocabulary.wordRows': 'wordRows',
  'vocabulary.gramRows': 'gramRows',
  'vocabulary.bagRows': 'bagRows',
  'vocabulary.idf': 'idf',
} as const;

/** The parameters of a model that reads words by these tables. */
export interface ParameterLayout {
  /** By name their shapes, in the order of the file. */
  readonly shapes: readonly (readonly [string, readonly number[]])[];
  /** Their row 0, of features without a vector, is zero. */
  readonly tables: TableNames;
  /** Of the table of the bag. */
  readonly bag: number;
  readonly pieces: number;
  readonly width: number;
}

function layoutOf(shape: StudentShape): ParameterLayout {
  const { graph } = trainingLoss(shape, { ...nn.noDropout, smoothing: 0 });
  return { ...shape, tables, shapes: parameterShapes(graph) };
}

export function weightsFile(weights: Weights, shape: StudentShape): Uint8Array {
  return writeWeights(weights, layoutOf(shape));
}

/** @throws as `readLayout` does */
export function readWeights(bytes: Uint8Array, shape: StudentShape, file: string): Weights {
  return readLayout(bytes, layoutOf(shape), file);
}

export function writeWeights(
  { vocabulary, parameters }: Weights,
  { shapes, tables: own, width }: ParameterLayout,
): Uint8Array {
  const tensors: Record<string, TensorData> = {};
  for (const [name, table] of Object.entries(lookups))
    tensors[name] = { data: vocabulary[table], dims: [vocabulary[table].length] };
  for (const [name, dims] of shapes) {
    const data = parameters[name];
    tensors[name] = { data: hasEmptyRow(name, own) ? withoutFirstRow(data, width) : data, dims };
  }
  // Of the origins that other readers insist on, PyTorch lays numbers out in the same way.
  return writeSafetensors(tensors, { metadata: { format: 'pt' }, halves: 'F16' });
}

/**
 * @throws SafetensorsError for a file that is damaged, RangeError with what is wrong for one whose tensors are not
 * those of the layout
 */
export function readLayout(
  bytes: Uint8Array,
  { shapes, bag, pieces }: ParameterLayout,
  file: string,
): Weights {
  const { tensors } = readSafetensors(bytes, file);
  const parameters: Record<string, Float32Array> = {};
  for (const [name, dims] of shapes) parameters[name] = floats(tensors, name, dims);
  return {
    vocabulary: {
      wordRows: integers(tensors, 'vocabulary.wordRows', [buckets + 1]),
      gramRows: integers(tensors, 'vocabulary.gramRows', [buckets + 1]),
      bagRows: integers(tensors, 'vocabulary.bagRows', [buckets + 1]),
      idf: floats(tensors, 'vocabulary.idf', [bag]),
      pieces,
      bag,
    },
    parameters,
  };
}

/** The parameters of a graph and their shapes. */
export function parameterShapes({ values }: Pick<Graph, 'values'>): [string, readonly number[]][] {
  return values.flatMap(({ source, shape: dims }) =>
    source?.kind === 'parameter' ? [[source.name, dims as readonly number[]]] : [],
  );
}

type Tensors = Readonly<Record<string, TensorData>>;

function floats(tensors: Tensors, name: string, dims: readonly number[]): Float32Array {
  const data = ofShape(tensors, name, dims);
  if (!(data instanceof Float32Array)) throw new RangeError(`tensor ${name} is not of type F32`);
  return data;
}

function integers(tensors: Tensors, name: string, dims: readonly number[]): Int32Array {
  const data = ofShape(tensors, name, dims);
  if (!(data instanceof Int32Array)) throw new RangeError(`tensor ${name} is not of type I32`);
  return data;
}

function ofShape(tensors: Tensors, name: string, dims: readonly number[]): TensorData['data'] {
  const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
  if (!tensor) throw new RangeError(`tensor ${name} is missing`);
  if (tensor.dims.join() !== dims.join())
    throw new RangeError(`tensor ${name} is of shape (${tensor.dims.join(', ')}), not (${dims.join(', ')})`);
  return tensor.data;
}
