export {
  binomialTail,
  fewestAnswered,
} from './certificates/binomial-tail.ts';
export {
  calibrationError,
  type ReliabilityBin,
  reliabilityBins,
} from './certificates/calibration-error.ts';
export type { Certificate, CertifyResult, ScoredAnswer, WalkStep } from './certificates/certificate.ts';
export { CertificateError } from './certificates/certificate-error.ts';
export { type CertifyOptions, certify } from './certificates/certify.ts';
export { fitTemperature, negativeLogLikelihood } from './certificates/temperature.ts';
export { type ThresholdGridOptions, thresholdGrid } from './certificates/threshold-grid.ts';
export { shareInterval, upperBound } from './certificates/upper-bound.ts';
export { contentText } from './examples/content-text.ts';
export { ExampleFileError, type ExampleFileErrorCode } from './examples/example-file-error.ts';
export { inputText } from './examples/input-text.ts';
export { LINE_BYTES, type ReadExamplesOptions, readExamples } from './examples/read-examples.ts';
