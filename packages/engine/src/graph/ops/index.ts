/**
 * Every op of the engine. A new op is a new file and a line here; the gradient check then asks for its case.
 *
 * @module
 */
export { add, addOp } from './add.ts';
export { append, appendOp } from './append.ts';
export { attend, attendOp } from './attend.ts';
export { attentionWeights, attentionWeightsOp } from './attention-weights.ts';
export { cast, castOp } from './cast.ts';
export { concat, concatOp } from './concat.ts';
export { cumulativeSum, cumulativeSumOp } from './cumulative-sum.ts';
export { div, divOp } from './div.ts';
export { equal, equalOp } from './equal.ts';
export { exactGelu, exactGeluOp } from './exact-gelu.ts';
export { exp, expOp } from './exp.ts';
export { expandLike, expandLikeOp } from './expand-like.ts';
export { flattenRows, flattenRowsOp } from './flatten-rows.ts';
export { gather, gatherOp } from './gather.ts';
export { gatherElements, gatherElementsOp } from './gather-elements.ts';
export { gelu, geluOp } from './gelu.ts';
export { greater, greaterOp } from './greater.ts';
export { groupQueries, groupQueriesOp } from './group-queries.ts';
export { inverseRms, inverseRmsOp } from './inverse-rms.ts';
export { layerNorm, layerNormOp } from './layer-norm.ts';
export { log, logOp } from './log.ts';
export { logSoftmax, logSoftmaxOp } from './log-softmax.ts';
export { logSumExp, logSumExpOp } from './log-sum-exp.ts';
export { type MatmulAttributes, matmul, matmulOp } from './matmul.ts';
export { mergeHeads, mergeHeadsOp } from './merge-heads.ts';
export { mod, modOp } from './mod.ts';
export { mul, mulOp } from './mul.ts';
export { normalCdf, normalCdfOp } from './normal-cdf.ts';
export { oneHot, oneHotOp } from './one-hot.ts';
export { pad, padOp } from './pad.ts';
export { range, rangeOp } from './range.ts';
export { reduceMax, reduceMaxOp } from './reduce-max.ts';
export { reduceSum, reduceSumOp } from './reduce-sum.ts';
export { relu, reluOp } from './relu.ts';
export { repeatHeads, repeatHeadsOp, sumHeadsOp } from './repeat-heads.ts';
export { reshapeLike, reshapeLikeOp } from './reshape-like.ts';
export { rmsNorm, rmsNormOp } from './rms-norm.ts';
export { type RotaryOptions, type RotaryScaling, rotary, rotaryOp, scaledFrequency } from './rotary.ts';
export { scale, scaleOp } from './scale.ts';
export { scatterAdd, scatterAddOp } from './scatter-add.ts';
export { scatterElements, scatterElementsOp } from './scatter-elements.ts';
export { shift, shiftOp } from './shift.ts';
export { sigmoid, sigmoidOp } from './sigmoid.ts';
export { silu, siluOp } from './silu.ts';
export { slice, sliceOp } from './slice.ts';
export { softmax, softmaxOp } from './softmax.ts';
export { splitHeads, splitHeadsOp } from './split-heads.ts';
export { sqrt, sqrtOp } from './sqrt.ts';
export { squeeze, squeezeOp } from './squeeze.ts';
export { sub, subOp } from './sub.ts';
export { tanh, tanhOp } from './tanh.ts';
export { transpose, transposeOp } from './transpose.ts';
export { unsqueeze, unsqueezeOp } from './unsqueeze.ts';
export { zerosLike, zerosLikeOp } from './zeros-like.ts';
