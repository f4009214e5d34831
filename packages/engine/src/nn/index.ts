/**
 * Layers and the architectures of students, made of ops.
 *
 * @module
 */
export { attention, causalAttention } from './attention.ts';
export { segmentMask } from './attention-mask.ts';
export { type Choice, chooseToken } from './choose-token.ts';
export { convolution } from './convolution.ts';
export { type CrossEntropyOptions, crossEntropy, softCrossEntropy } from './cross-entropy.ts';
export { type DecoderLossOptions, type DecoderShape, type DecoderTeacher, decoderLoss } from './decoder.ts';
export { decoderModel } from './decoder-model.ts';
export { decoderStepProgram } from './decoder-step.ts';
export { type DivergenceOptions, divergence, type TeacherShares } from './divergence.ts';
export { divideTables } from './divide-tables.ts';
export { dropout } from './dropout.ts';
export {
  type EncoderModel,
  type EncoderOptions,
  type EncoderShape,
  encoderClassifier,
  encoderTagger,
} from './encoder.ts';
export type { KeptNumbers } from './fix-parameters.ts';
export { type Decoder, type GenerateOptions, loadDecoder, type Sequences } from './generate.ts';
export { GenerateError } from './generate-error.ts';
export { joinTables } from './join-tables.ts';
export { linear } from './linear.ts';
export { checkLowRank, type LowRank, mergeLowRank, type Projection, projections } from './low-rank.ts';
export { norm } from './norm.ts';
export {
  hiddenStatesProgram,
  type TextClassifierOutput,
  type TextClassifierProgramOptions,
  textClassifierProgram,
} from './text-classifier-program.ts';
export {
  type Activation,
  type BertShape,
  type EncodedTexts,
  encodeTexts,
  type ModernBertShape,
  type TextClassifier,
  type TextClassifierOptions,
  type TextEncoderOptions,
  type TextEncoderShape,
  textClassifier,
} from './text-encoder.ts';
export {
  attentionBranch,
  bagBranch,
  branchesLoss,
  branchesLossOfMany,
  type Dropouts,
  noDropout,
  type WordBagShape,
  wordBranch,
} from './word-bag-classifier.ts';
