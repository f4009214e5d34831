/**
 * Executes the programs of stages one after the other on the calling thread: what a run does, without chips,
 * channels or schedules. Tests hold cuts of one model against each other with it.
 *
 * @module
 */
import { type ChipTensor, chipTensor, Kernel } from '../../chips/kernel.ts';
import { bytesPerElement, dtypeOf, type TensorData, viewOf } from '../../graph/dtype.ts';
import { evaluateDim } from '../../graph/shape.ts';
import { initialize } from '../../run/initialize.ts';
import { fillDropout, randomStream } from '../../run/random.ts';
import type { Port, Program } from '../program.ts';
import type { Stage } from '../stages.ts';

export interface Executed {
  readonly loss: number;
  /** The sums of the gradients over the microbatches, by parameter. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/** Forward and backward over all stages for each microbatch. A tensor crosses only where the ports say so. */
export async function executeStages(
  stages: readonly Stage[],
  microbatches: readonly Readonly<Record<string, TensorData>>[],
  extents: Readonly<Record<string, number>>,
): Promise<Executed> {
  const sums = new Map<string, ChipTensor>();
  const parameters = new Map<string, ChipTensor>();
  for (const stage of stages) {
    for (const parameter of stage.parameters) {
      const values = initialize(parameter, 1);
      parameters.set(parameter.port, chipTensor('float32', values, parameter.shape));
      sums.set(parameter.name, chipTensor('float32', new Float32Array(values.length), parameter.shape));
    }
  }
  let loss = 0;
  for (const [microbatch, inputs] of microbatches.entries()) {
    const memories = stages.map((stage) => {
      const memory = new Map<string, ChipTensor>();
      for (const { name } of stage.inputs) {
        const { data, dims } = inputs[name];
        memory.set(name, chipTensor(dtypeOf(data), data, dims));
      }
      for (const { port, shape, rate, index } of stage.dropouts) {
        const dims = shape.map((dim) => evaluateDim(dim, extents));
        const mask = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
        fillDropout(mask, rate, randomStream(1, microbatch, index));
        memory.set(port, chipTensor('float32', mask, dims));
      }
      for (const { port } of stage.parameters) memory.set(port, parameters.get(port) as ChipTensor);
      return memory;
    });
    const run = async (program: Program | undefined, memory: Map<string, ChipTensor>) => {
      if (!program) return;
      const kernel = await Kernel.load(program.onnx);
      const outputs = program.outputs.map(({ name, dtype, shape }): [string, ChipTensor] => {
        const dims = shape.map((dim) => evaluateDim(dim, extents));
        const length = dims.reduce((product, dim) => product * dim, 1);
        const bytes = new ArrayBuffer(length * bytesPerElement[dtype]);
        return [name, chipTensor(dtype, viewOf(dtype, bytes, 0, length), dims)];
      });
      await kernel.runInto(
        Object.fromEntries(program.inputs.map(({ name }) => [name, found(memory, name, program.name)])),
        Object.fromEntries(outputs),
      );
      await kernel.release();
      for (const [name, tensor] of outputs) memory.set(name, tensor);
    };
    const cross = (ports: readonly Port[], from: Map<string, ChipTensor>, to: Map<string, ChipTensor>) => {
      for (const { name } of ports) to.set(name, found(from, name, 'a crossing'));
    };
    for (const [s, stage] of stages.entries()) {
      if (s > 0) cross(stage.receives, memories[s - 1], memories[s]);
      await run(stage.forward, memories[s]);
    }
    const last = stages.length - 1;
    loss += Number(found(memories[last], stages[last].loss ?? '', 'the loss').data[0]);
    for (const [s, stage] of [...stages.entries()].reverse()) {
      if (s < last) cross(stage.receivesGradients, memories[s + 1], memories[s]);
      await run(stage.backwardInput, memories[s]);
      for (const { name, gradientPort } of stage.parameters)
        memories[s].set(`${gradientPort}.sum`, sums.get(name) as ChipTensor);
      await run(stage.backwardWeight, memories[s]);
      // Where several stages use a parameter, each adds its part to the sum of those before.
      for (const { name } of stage.backwardWeight?.outputs ?? []) {
        const parameter = stage.parameters.find(({ gradientPort }) => gradientPort === name);
        if (parameter) sums.set(parameter.name, found(memories[s], name, parameter.name));
      }
    }
  }
  return {
    loss,
    gradients: Object.fromEntries([...sums].map(([name, { data }]) => [name, data as Float32Array])),
  };
}

function found(memory: ReadonlyMap<string, ChipTensor>, name: string, where: string): ChipTensor {
  const tensor = memory.get(name);
  if (!tensor) throw new TypeError(`${where} needs ${name}, which nothing has made`);
  return tensor;
}
