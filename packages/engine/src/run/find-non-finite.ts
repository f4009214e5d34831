/**
 * Which op made the number that is none, for the error that ends a run: "the loss is NaN" helps nobody.
 *
 * @module
 */
import type { Chip } from '../chips/chip.ts';
import { needed } from '../compile/needed.ts';
import { emitProgram, portName } from '../compile/program.ts';
import type { TensorData } from '../graph/dtype.ts';
import type { Value } from '../graph/graph.ts';
import { evaluateDim, formatShape } from '../graph/shape.ts';
import type { Microbatch } from './microbatch-orders.ts';
import { fillDropout, randomStream } from './random.ts';
import type { Parameters } from './run-state.ts';

export interface NonFiniteOptions {
  readonly loss: Value;
  /** As they were before the step, by name. */
  readonly parameters: Parameters;
  readonly inputs: Microbatch;
  /** The extents of all symbolic dimensions. */
  readonly extents: Readonly<Record<string, number>>;
  /** What dropout masks are drawn from. */
  readonly seed: number;
  readonly step: number;
  readonly microbatch: number;
  /** Runs the forward pass once more, all of it, and keeps every tensor: memory for one microbatch is needed. */
  readonly chip: Chip;
}

/**
 * Says in half a sentence where the first number that is not finite comes from: an input, a parameter, or an op
 * with its place in the model and its shape. Undefined if the forward pass of the microbatch is finite throughout.
 */
export async function findNonFinite(options: NonFiniteOptions): Promise<string | undefined> {
  const { loss, chip, extents } = options;
  const values = [...needed([loss])].sort((a, b) => a.id - b.id);
  const given: Record<string, TensorData> = {};
  for (const value of values) {
    const tensor = sourceOf(value, options);
    if (!tensor) continue;
    if (!isFiniteTensor(tensor)) return describe(value, tensor);
    given[portName(value)] = tensor;
  }
  const made = values.filter(({ call, dtype }) => call && dtype.startsWith('float'));
  const outputs = made.map((value, i) => ({ value, name: `v${i}` }));
  const { onnx, inputs } = emitProgram({ name: 'forward', outputs });
  const program = await chip.load(onnx);
  try {
    const results = await program.run(Object.fromEntries(inputs.map(({ name }) => [name, given[name]])));
    const first = made.findIndex((_, i) => !isFiniteTensor(results[`v${i}`]));
    return first < 0 ? undefined : describe(made[first], results[`v${first}`]);
  } finally {
    await program.release();
  }

  function describe(value: Value, tensor: TensorData): string {
    const shape = formatShape(value.shape.map((dim) => evaluateDim(dim, extents)));
    const bad = Array.from(tensor.data as Float32Array).find((number) => !Number.isFinite(number));
    const { source, call } = value;
    if (source?.kind === 'input') return `the input "${source.name}" ${shape} holds ${bad}`;
    if (source?.kind === 'parameter') return `the parameter "${source.name}" ${shape} holds ${bad}`;
    const place = call?.scope ? ` at "${call.scope}"` : '';
    const of = call?.inputs.map((input) => formatShape(input.shape.map((dim) => evaluateDim(dim, extents))));
    return `${call?.op.name}${place} makes ${bad} of ${of?.join(' and ')}`;
  }
}

/** The tensor of a value that no op makes; undefined for the others and for constants. */
function sourceOf(value: Value, options: NonFiniteOptions): TensorData | undefined {
  const { parameters, inputs, extents, seed, step, microbatch } = options;
  const { source } = value;
  if (source?.kind === 'input') return inputs[source.name];
  if (source?.kind !== 'parameter' && source?.kind !== 'dropout') return undefined;
  const dims = value.shape.map((dim) => evaluateDim(dim, extents));
  if (source.kind === 'parameter') return { data: parameters[source.name], dims };
  const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
  fillDropout(data, source.rate, randomStream(seed, step, microbatch, source.index));
  return { data, dims };
}

function isFiniteTensor({ data }: TensorData): boolean {
  return !(data instanceof Float32Array || data instanceof Float64Array) || data.every(Number.isFinite);
}
