/**
 * From a piece of a graph to an ONNX model, which any ONNX Runtime executes.
 *
 * @module
 */
import onnxProto from 'onnx-proto';
import { arrayOf, bytesPerElement, type DType, dtypeOf, type TensorData } from '../graph/dtype.ts';
import { type Emitter, type OnnxAttribute, onnxTypes } from '../graph/emitter.ts';
import { type Call, GraphError, type Value } from '../graph/graph.ts';
import { gatherOp } from '../graph/ops/gather.ts';
import { scatterAddOp } from '../graph/ops/scatter-add.ts';
import { zerosLikeOp } from '../graph/ops/zeros-like.ts';
import type { Shape } from '../graph/shape.ts';
import { type PackedTensor, packedBytes, packedDims, packedTypes } from './packed-tensor.ts';
import { uncopied } from './uncopied.ts';

const { onnx } = onnxProto;

/** Opset 21 and IR 10 are read by ONNX Runtime 1.18 and later, and by the browser builds of that age. */
const opset = 21;
const irVersion = 10;

/** An input or output of a program. */
export interface Port {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** An executable piece: an ONNX model with its ports. Plain data, so that it can be sent to a chip. */
export interface Program {
  readonly name: string;
  readonly onnx: Uint8Array;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Names of outputs by the names of the inputs whose memory they are written over: see `Output.replaces`. */
  readonly replaced: Readonly<Record<string, string>>;
}

/** An output of a program to be. */
export interface Output {
  readonly value: Value;
  readonly name?: string;
  /** Add the value to what the port of this name holds; the chip gives both the same memory. */
  readonly accumulateInto?: string;
  /**
   * The name of the input whose next value this is, when the program is run with a state. Both share their memory, so
   * nothing but the op that makes the output may read that input.
   */
  readonly replaces?: string;
}

/** What a program is made of. */
export interface ProgramOptions {
  readonly name: string;
  readonly outputs: readonly Output[];
  /** Values that are given although a call of the graph makes them (saved, or received from another stage). */
  readonly given?: ReadonlySet<Value>;
  /** Values that are written into the program instead of being its inputs: a trained parameter at export. */
  readonly fixed?: ReadonlyMap<Value, TensorData>;
  /** Values that are written into the program in fewer bits. */
  readonly packed?: ReadonlyMap<Value, PackedTensor>;
  /** The program is run into given memory only: see `uncopied`. */
  readonly intoGivenMemory?: boolean;
  /** Text key-value pairs for the model's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export function portName(value: Value): string {
  return value.source?.kind === 'input' ? value.source.name : `%${value.id}`;
}

export function portOf(value: Value): Port {
  return { name: portName(value), dtype: value.dtype, shape: value.shape };
}

/**
 * Emits what makes `outputs`, from the sources of the graph and the `given` values.
 *
 * @throws GraphError for constants with too few numbers, and outputs that would be written over what is still read
 */
export function emitProgram(options: ProgramOptions): Program {
  if (options.outputs.length === 0)
    throw new GraphError('graph_outputs', `The program ${options.name} has no outputs; give one or more.`);
  const nodes: onnxProto.onnx.INodeProto[] = [];
  const initializers: onnxProto.onnx.ITensorProto[] = [];
  const inputs = new Map<string, Port>();
  const names = new Map<Value, string>();
  let fresh = 0;

  const constant = (tensor: TensorData, dtype: DType): string => {
    const name = `c${fresh++}`;
    initializers.push({ name, dims: [...tensor.dims], dataType: onnxTypes[dtype], rawData: bytesOf(tensor) });
    return name;
  };

  const sharedNames = new Map<string, string>();
  const shared = (key: string, dtype: DType, make: () => TensorData): string => {
    const name = sharedNames.get(key) ?? constant(make(), dtype);
    sharedNames.set(key, name);
    return name;
  };

  /** `target` names the node that is added next: the last one of a lowering carries the value's own name. */
  const emitter = (scope: string): Emitter => ({
    node(opType, nodeInputs, attributes = {}, domain) {
      const output = `n${fresh++}`;
      nodes.push({
        name: scope === '' ? output : `${scope}/${output}`,
        opType,
        domain: domain ?? '',
        input: [...nodeInputs],
        output: [output],
        attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
      });
      return output;
    },
    constant,
    shared,
    scalar: (number, dtype) => constant({ data: arrayOf(dtype, [number]), dims: [] }, dtype),
    integers: (values) => constant({ data: arrayOf('int64', values), dims: [values.length] }, 'int64'),
  });

  const nameOf = (value: Value): string => {
    const known = names.get(value);
    if (known !== undefined) return known;
    const name = define(value);
    names.set(value, name);
    return name;
  };

  const define = (value: Value): string => {
    const packed = options.packed?.get(value);
    if (packed) return unpacked(packed, value.dtype, emitter(''));
    const fixed = options.fixed?.get(value);
    if (fixed) return constant(fixed, value.dtype);
    if (value.source?.kind === 'constant') return constant(value.source.tensor, value.dtype);
    if (value.source || options.given?.has(value)) {
      const port = portOf(value);
      inputs.set(port.name, port);
      return port.name;
    }
    const call = value.call as Call;
    const table = call.op === gatherOp ? options.packed?.get(call.inputs[0]) : undefined;
    if (table) return unpacked(table, value.dtype, emitter(call.scope), nameOf(call.inputs[1]));
    return call.op.lower(call, call.inputs.map(nameOf), emitter(call.scope));
  };

  const kept = new Map<PackedTensor, { codes: string; upper?: string; scales: string | undefined }>();
  /** What is kept of a packed tensor, written once. */
  const keptOf = (tensor: PackedTensor) => {
    let names = kept.get(tensor);
    if (!names) {
      const [codes, upper] = packedBytes(tensor).map((rawData) => {
        const name = `c${fresh++}`;
        initializers.push({
          name,
          dims: [...packedDims(tensor)],
          dataType: packedTypes[tensor.kind],
          rawData,
        });
        return name;
      });
      const scales =
        'scales' in tensor
          ? constant({ data: tensor.scales, dims: [tensor.scales.length, 1] }, 'float32')
          : undefined;
      names = { codes, scales, ...(upper === undefined ? {} : { upper }) };
      kept.set(tensor, names);
    }
    return names;
  };

  /** Its rows named by `rows`, or all of it, as `dtype`. */
  const unpacked = (tensor: PackedTensor, dtype: DType, emit: Emitter, rows?: string): string => {
    const { codes, upper, scales } = keptOf(tensor);
    const chosen = (name: string) =>
      rows === undefined ? name : emit.node('Gather', [name, rows], { axis: 0 });
    let wide = emit.node('Cast', [chosen(codes)], { to: onnxTypes[dtype] });
    if (upper !== undefined) {
      const above = emit.node('Cast', [chosen(upper)], { to: onnxTypes[dtype] });
      wide = emit.node('Add', [wide, emit.node('Mul', [above, emit.scalar(256, dtype)])]);
    }
    if (tensor.kind === 'int4') {
      const sixteen = emit.scalar(16, dtype);
      const right = emit.node('Floor', [emit.node('Div', [wide, sixteen])]);
      const left = emit.node('Sub', [wide, emit.node('Mul', [right, sixteen])]);
      const both = emit.node('Concat', [left, right], { axis: -1 });
      wide = emit.node('Sub', [both, emit.scalar(8, dtype)]);
    }
    return scales === undefined ? wide : emit.node('Mul', [wide, chosen(scales)]);
  };

  const accumulated = (output: Output, into: string): string => {
    const { value } = output;
    inputs.set(into, { ...portOf(value), name: into });
    // A sum over rows goes straight into the rows of what is there: no table of zeros, no second addition.
    const { call } = value;
    if (call?.op === scatterAddOp && !options.given?.has(value)) {
      const [base, rows, updates] = call.inputs;
      const sum = base.call?.op === zerosLikeOp ? into : accumulated({ ...output, value: base }, into);
      return call.op.lower(call, [sum, nameOf(rows), nameOf(updates)], emitter(call.scope));
    }
    // Sum, not Add: of a matrix product, ONNX Runtime then makes one Gemm that adds to what is there.
    return emitter('').node('Sum', [into, nameOf(value)]);
  };

  // Graphs are deep, and `nameOf` recurses: name in order of construction first.
  for (const value of ancestors(options)) nameOf(value);

  const outputs = options.outputs.map((output, i): Port => {
    const made = output.accumulateInto ? accumulated(output, output.accumulateInto) : nameOf(output.value);
    const name = output.name ?? `out${i}`;
    nodes.push({ name, opType: 'Identity', input: [made], output: [name] });
    return { ...portOf(output.value), name };
  });
  removeIdentities(nodes, inputs);
  const replaced = replacements(options, outputs, nodes);
  if (options.intoGivenMemory) nodes.push({ opType: 'SequenceEmpty', output: [uncopied] });

  const model = onnx.ModelProto.encode({
    irVersion,
    producerName: 'kolben',
    opsetImport: [
      { domain: '', version: opset },
      ...(nodes.some((node) => node.domain === 'com.microsoft')
        ? [{ domain: 'com.microsoft', version: 1 }]
        : []),
    ],
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: {
      name: options.name,
      node: nodes,
      initializer: initializers,
      input: [...inputs.values()].map(valueInfo),
      output: [...(options.intoGivenMemory ? [uncopiedInfo] : []), ...outputs.map(valueInfo)],
    },
  }).finish();
  return { name: options.name, onnx: model, inputs: [...inputs.values()], outputs, replaced };
}

/** @throws GraphError for an output that would be written over what something else still reads. */
function replacements(
  { outputs }: ProgramOptions,
  ports: readonly Port[],
  nodes: readonly onnxProto.onnx.INodeProto[],
): Record<string, string> {
  const replaced: Record<string, string> = {};
  for (const [i, { replaces }] of outputs.entries()) {
    if (replaces === undefined) continue;
    const { name } = ports[i];
    const readers = nodes.filter(({ input }) => input?.includes(replaces));
    if (readers.length !== 1 || readers[0].output?.[0] !== name)
      throw new GraphError(
        'graph_replaced',
        `The output "${name}" cannot be written over the input "${replaces}": ${readers.length === 0 ? 'the program has no such input' : 'it is not the only one made of it'}; put it out under another name.`,
      );
    replaced[replaces] = name;
  }
  return replaced;
}

/** The values that must be named, in order of construction. Those accumulated into rows are left to that. */
function ancestors({ outputs, given, fixed, packed }: ProgramOptions): Value[] {
  const found = new Set<Value>();
  const open: Value[] = [];
  for (const { value, accumulateInto } of outputs) {
    let made = value;
    while (accumulateInto && made.call?.op === scatterAddOp && !given?.has(made)) {
      const [base, rows, updates] = made.call.inputs;
      open.push(rows, updates);
      made = base;
    }
    // Zeros to which rows are added are not made: the sum so far stands in their place.
    if (made === value || made.call?.op !== zerosLikeOp) open.push(made);
  }
  for (let value = open.pop(); value; value = open.pop()) {
    if (found.has(value)) continue;
    found.add(value);
    if (!value.call || given?.has(value) || fixed?.has(value)) continue;
    // A packed table is not widened as a whole where its rows are looked up.
    const [table, ...rest] = value.call.inputs;
    open.push(...(value.call.op === gatherOp && packed?.has(table) ? rest : value.call.inputs));
  }
  return [...found].sort((a, b) => a.id - b.id);
}

/** Lets the node that makes an output carry its name, where no other output or input has that claim. */
function removeIdentities(nodes: onnxProto.onnx.INodeProto[], inputs: ReadonlyMap<string, Port>): void {
  const makers = new Map(nodes.map((node) => [node.output?.[0] ?? '', node]));
  const renamed = new Set<string>();
  for (let i = nodes.length - 1; i >= 0 && nodes[i].opType === 'Identity'; i--) {
    const made = nodes[i].input?.[0] ?? '';
    const maker = makers.get(made);
    if (!maker || maker.opType === 'Identity' || inputs.has(made) || renamed.has(made)) continue;
    const name = nodes[i].output?.[0] ?? '';
    renamed.add(made);
    nodes.splice(i, 1);
    for (const node of nodes) {
      node.input = node.input?.map((input) => (input === made ? name : input));
      node.output = node.output?.map((output) => (output === made ? name : output));
    }
  }
}

const uncopiedInfo: onnxProto.onnx.IValueInfoProto = {
  name: uncopied,
  type: { sequenceType: { elemType: { tensorType: { elemType: onnxTypes.float32 } } } },
};

function valueInfo(port: Port): onnxProto.onnx.IValueInfoProto {
  return {
    name: port.name,
    type: {
      tensorType: {
        elemType: onnxTypes[port.dtype],
        shape: {
          dim: port.shape.map((dim) => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })),
        },
      },
    },
  };
}

const attributeTypes = onnx.AttributeProto.AttributeType;

function attributeProto(name: string, value: OnnxAttribute): onnxProto.onnx.IAttributeProto {
  if (typeof value === 'number') return { name, type: attributeTypes.INT, i: value };
  if (typeof value === 'string')
    return { name, type: attributeTypes.STRING, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: attributeTypes.FLOAT, f: value.float };
  return { name, type: attributeTypes.INTS, ints: [...value] };
}

function bytesOf(tensor: TensorData): Uint8Array {
  const { data } = tensor;
  const expected = tensor.dims.reduce((product, dim) => product * dim, 1) * bytesPerElement[dtypeOf(data)];
  if (data.byteLength !== expected)
    throw new GraphError(
      'graph_tensor',
      `A tensor of (${tensor.dims.join(', ')}) cannot have ${data.length} elements.`,
    );
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
