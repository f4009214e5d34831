/**
 * Layers and the architectures of students, made of ops.
 *
 * @module
 */
export { convolution } from './convolution.ts';
export { type CrossEntropyOptions, crossEntropy } from './cross-entropy.ts';
export { dropout } from './dropout.ts';
export { linear } from './linear.ts';
export { norm } from './norm.ts';
export {
  bagBranch,
  branchesLoss,
  type Dropouts,
  noDropout,
  type WordBagShape,
  wordBranch,
} from './word-bag-classifier.ts';
