export { BaseError } from './base/base-error.ts';
export { type FetchBaseOptions, type FetchedBase, fetchBase } from './base/fetch-base.ts';
export { type Base, type BaseLineage, openBase } from './base/open-base.ts';
export { majorityLabel } from './baselines/majority.ts';
export type { NgramLinearInput } from './baselines/ngram-linear.ts';
export { ngramLinearPredictions } from './baselines/ngram-linear-predictions.ts';
export {
  ALPHAS,
  type AlphaChoice,
  type AlphaChoicesOptions,
  alphaChoices,
} from './certificates/alpha-choices.ts';
export {
  binomialTail,
  fewestAnswered,
} from './certificates/binomial-tail.ts';
export {
  calibrationError,
  type ReliabilityBin,
  reliabilityBins,
} from './certificates/calibration-error.ts';
export type {
  Certificate,
  CertifyResult,
  Refusal,
  ScoredAnswer,
  WalkStep,
} from './certificates/certificate.ts';
export { CertificateError } from './certificates/certificate-error.ts';
export { type CertifyOptions, certify } from './certificates/certify.ts';
export {
  afterAudit,
  alarmOf,
  beginWatch,
  betOf,
  type RiskWatch,
  readWatch,
} from './certificates/risk-watch.ts';
export { fitTemperature, negativeLogLikelihood } from './certificates/temperature.ts';
export { type ThresholdGridOptions, thresholdGrid } from './certificates/threshold-grid.ts';
export { shareInterval, upperBound } from './certificates/upper-bound.ts';
export { SchemaError } from './constrained/schema-error.ts';
export {
  type ChosenKind,
  chooseKind,
  type DatasetKind,
  MAXIMUM_LABELS,
} from './datasets/choose-kind.ts';
export {
  type Conflict,
  type Dataset,
  type DatasetCounts,
  type DatasetExample,
  type DatasetRedaction,
  SPLITS,
  type Split,
} from './datasets/dataset.ts';
export { DatasetError, type DatasetErrorCode } from './datasets/dataset-error.ts';
export { type DecidedExample, decidedOf } from './datasets/decided.ts';
export { DatasetFolderError, type DatasetFolderErrorCode } from './datasets/folder/dataset-folder-error.ts';
export { isDatasetFolder, readDataset } from './datasets/folder/read-dataset.ts';
export { writeDataset } from './datasets/folder/write-dataset.ts';
export {
  type FollowedDataset,
  type FreezeDatasetOptions,
  type FreezeProgress,
  freezeDataset,
} from './datasets/freeze-dataset.ts';
export { normaliseAnswer, normaliseText } from './datasets/normalise.ts';
export { openDataset } from './datasets/open-dataset.ts';
export { sourceOfCalls } from './datasets/source-of-calls.ts';
export { splitsOfCalls } from './datasets/splits-of-calls.ts';
export { MINIMUM_EXAMPLES } from './datasets/usable.ts';
export { distill } from './distill.ts';
export { DistillError, type DistillOptions, type DistillProgress } from './distill-options.ts';
export type { DistillDetails, DistillReport } from './distill-report.ts';
export { type Equality, EqualityError, type EqualityFunction } from './equality/equality.ts';
export {
  type Compared,
  type Comparison,
  type ComparisonSide,
  compareAnswers,
} from './evaluation/compare-answers.ts';
export { type EvalDetails, type Judged, type RiskPoint, riskCoverage } from './evaluation/details.ts';
export type { Divergence, Drift, Reference } from './evaluation/drift.ts';
export { type Calibrated, driftBin, type MeasuredDrift, measuredDrift } from './evaluation/service-drift.ts';
export { contentText } from './examples/content-text.ts';
export { ExampleFileError, type ExampleFileErrorCode } from './examples/example-file-error.ts';
export { inputText } from './examples/input-text.ts';
export { LINE_BYTES, type ReadExamplesOptions, readExamples } from './examples/read-examples.ts';
export {
  type ExplainedWord,
  type ExplainOptions,
  type Explanation,
  explainAnswer,
} from './explain/explain-answer.ts';
export { learnedDataset } from './explain/learned-dataset.ts';
export type { LabelledText, Neighbour, Neighbours } from './explain/nearest.ts';
export { ExportError } from './export/export-error.ts';
export {
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportReport,
  type ExportStudentOptions,
  exportStudent,
} from './export/export-student.ts';
export { type DecoderGgufOptions, decoderGguf, type GgufFile } from './export/gguf/decoder-gguf.ts';
export { GgufError } from './export/gguf/gguf-error.ts';
export { ExtractError } from './extract/extract-error.ts';
export { distillWhileLabelling, type FactoryOptions, type FactoryReport } from './factory/factory.ts';
export type { Ask, CallMarks, ChatRequest, Reply, TeacherPrice } from './labelling/ask.ts';
export type { Labelled } from './labelling/combine-votes.ts';
export {
  type LabelChosenOptions,
  type LabelChosenReport,
  labelChosen,
} from './labelling/label-chosen.ts';
export {
  type LabelExamplesOptions,
  type LabelProgress,
  type LabelReport,
  type LabelSettings,
  labelExamples,
  type RecordedCall,
} from './labelling/label-examples.ts';
export { LabellingError, type LabellingErrorCode } from './labelling/labelling-error.ts';
export type { GivenAnswer, RejectedAnswer, RejectionReason } from './labelling/read-answer.ts';
export { WorkFile } from './labelling/work-file.ts';
export { rejectedFile, type Written, writeLabelled } from './labelling/write-labelled.ts';
export { type PlanDistillOptions, planDistill } from './plan-distill.ts';
export { redactAnswer } from './redact/redact-answer.ts';
export {
  REDACTION_VERSION,
  type Redact,
  type Redacted,
  type RedactOptions,
  type RedactPattern,
  redactor,
  redactText,
} from './redact/redact-text.ts';
export { RedactionError } from './redact/redaction-error.ts';
export type { Span } from './redact/span.ts';
export { type PackedTimeline, packTimeline, unpackTimeline } from './runs/pack-timeline.ts';
export { bestOfEach, planRow } from './runs/plan-row.ts';
export { type RecordRunOptions, type RunHooks, recordRun } from './runs/record-run.ts';
export type {
  PlanRow,
  RunDataset,
  RunOutcome,
  RunPlan,
  RunProgress,
  RunTimelines,
} from './runs/run-facts.ts';
export { RunStoppedError } from './runs/run-stopped-error.ts';
export { type ChoiceProgress, type ChooseInputsOptions, chooseInputs } from './selection/choose-inputs.ts';
export { certifyAgain, type StudentAlphas, studentAlphas } from './students/certify-again.ts';
export {
  type EvalReport,
  EvaluateError,
  type EvaluateOptions,
  evaluateStudent,
} from './students/evaluate-student.ts';
export { type FamilyTree, familyTrees, type KnownStudent } from './students/family-tree.ts';
export { type IncumbentReport, isBetter } from './students/judge-incumbent.ts';
export { knownStudent, registeredStudent } from './students/known-student.ts';
export {
  type Answer,
  type OpenStudentOptions,
  openStudent,
  type Student,
} from './students/open-student.ts';
export { type StudentCardOptions, studentCard } from './students/student-card.ts';
export {
  readScores,
  readStudentFolder,
  type StudentContents,
  type StudentFolder,
  StudentFolderError,
  type StudentFolderErrorCode,
} from './students/student-folder.ts';
export type { ClassifyTask, ExtractTask, GenerateTask, StudentTask, TaskKind } from './students/task.ts';
export type {
  StepTimelines,
  TrainingListener,
  TrainingStep,
  ValidationLook,
} from './students/training-listener.ts';
export {
  type LikelyToken,
  type LocalWriter,
  openLocalWriter,
  type WriteOptions,
  type WrittenToken,
} from './teachers/local-writer.ts';
export type { AskTokens, ServedDecoder, ToldToken } from './teachers/served-teacher.ts';
export { LocalTeacherError } from './teachers/teacher-error.ts';
export { checkStudentTerms } from './terms/check-student-terms.ts';
export {
  assertPermitted,
  type CheckTermsOptions,
  checkTerms,
  foreseeRefusal,
  type ProviderVerdict,
  type TeacherCalls,
  type TermsCheck,
  TermsError,
  type TermsNote,
  termsNotes,
  termsWarnings,
  verdictOf,
} from './terms/check-terms.ts';
export { knownTeachers, TeacherCount, teacherOf } from './terms/count-teachers.ts';
export {
  type Distribution,
  distributions,
  type ProviderTerms,
  type TermsVerdict,
  termsSchema,
} from './terms/terms-schema.ts';
export { TokenizerError } from './tokenizers/text-tokenizer.ts';
