/**
 * Train and run tensor programs as an overlapped pipeline over chips. Numbers in, numbers out: nothing here
 * knows of text.
 *
 * @module
 */

export * from './batches/index.ts';
export {
  type Chip,
  type ChipOptions,
  holdKernels,
  type LoadedProgram,
  type ProgramState,
  startChip,
} from './chips/chip.ts';
export { ChipError } from './chips/chip-error.ts';
export { RunStopped } from './chips/run-stopped.ts';
export { extensionOf, spawn } from './chips/spawn.ts';
export type { AdamWOptions } from './compile/adamw.ts';
export type { MuonOptions } from './compile/muon.ts';
export { type PackedTensor, quantiseRows } from './compile/packed-tensor.ts';
export { possibleCuts } from './compile/possible-cuts.ts';
export { emitProgram, type Output, type Port, type Program, type ProgramOptions } from './compile/program.ts';
export {
  type CompileOptions,
  compileStages,
  type DropoutPort,
  type FrozenParameter,
  type Stage,
  type StageParameter,
} from './compile/stages.ts';
export { type ErrorValues, KolbenError, type KolbenErrorOptions } from './error.ts';
export { fromHalves, type HalfType, toHalves } from './formats/half.ts';
export {
  decoderRotationOf,
  decoderShapeOf,
  decoderTypes,
  type FromHuggingFaceOptions,
  fromHuggingFace,
  type HuggingFaceDecoder,
  HuggingFaceError,
  isDecoderConfig,
  type ToHuggingFaceOptions,
  toHuggingFace,
} from './formats/hugging-face.ts';
export { type Config as HuggingFaceConfig, readConfigFile } from './formats/hugging-face-config.ts';
export {
  encoderShapeOf,
  encoderTypes,
  type FromHuggingFaceEncoderOptions,
  fromHuggingFaceEncoder,
  type HuggingFaceEncoder,
  isEncoderConfig,
  readHuggingFaceEncoder,
  toHuggingFaceClassifier,
} from './formats/hugging-face-encoder.ts';
export {
  readHuggingFace,
  type WriteHuggingFaceOptions,
  writeHuggingFace,
} from './formats/hugging-face-folder.ts';
export { Llama2cError, readLlama2c } from './formats/llama2c.ts';
export * from './formats/safetensors.ts';
export {
  readSafetensorsFiles,
  type WriteSafetensorsFilesOptions,
  writeSafetensorsFiles,
} from './formats/safetensors-files.ts';
export type { DType, TensorData, TypedArray } from './graph/dtype.ts';
export {
  type Block,
  constant,
  Graph,
  GraphError,
  type Initializer,
  type Source,
  scalar,
  type Value,
} from './graph/graph.ts';
export * as ops from './graph/ops/index.ts';
export type { Dim, Shape } from './graph/shape.ts';
export { type Decoder, type GenerateOptions, loadDecoder, type Sequences } from './nn/generate.ts';
export { GenerateError } from './nn/generate-error.ts';
export * as nn from './nn/index.ts';
export * from './plan/index.ts';
export { CheckpointError } from './run/checkpoint.ts';
export {
  type LearningRateOptions,
  warmUpConstant,
  warmUpCosine,
  warmUpLinear,
} from './run/learning-rate.ts';
export { type ChipMemory, type MemoryOptions, mebibytes, memoryOf } from './run/memory.ts';
export type { Microbatch } from './run/microbatch-orders.ts';
export type { OptimizerOptions } from './run/optimizer.ts';
export { randomStream, shuffle, uniform } from './run/random.ts';
export { replaceFile } from './run/replace-file.ts';
export type { Parameters } from './run/run-state.ts';
export {
  type CheckpointOptions,
  type StepEvent,
  type TrainOptions,
  type TrainResult,
  train,
} from './run/train.ts';
export { TrainError } from './run/train-error.ts';
export * from './schedule/index.ts';
export * from './simulate/index.ts';
