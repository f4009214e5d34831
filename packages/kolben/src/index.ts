/**
 * Kolben as a library: what the command line does, for programs. Nothing here does more than the packages it
 * comes from; it is the one door that a user needs to know.
 *
 * @module
 */
export {
  type Answer,
  type Certificate,
  type DistillOptions,
  type DistillProgress,
  type DistillReport,
  distill,
  type EvalReport,
  evaluateStudent,
  openStudent,
  readExamples,
  type Student,
  shareInterval,
} from '@kolben/distill';
export { KolbenError } from '@kolben/engine';
export {
  type Config,
  type ConfigInput,
  defineConfig,
  type Gateway,
  type GatewayOptions,
  type Log,
  lineLog,
  startGateway,
} from '@kolben/gateway';
export {
  type Answerer,
  type Call,
  type Example,
  type LedgerRow,
  type LedgerSums,
  openStore,
  type Route,
  type Store,
} from '@kolben/store';
export { answerText } from './calls/answer-text.ts';
export { lastUserText } from './calls/last-user-text.ts';
export { exitCodes, InterruptedError, UsageError } from './cli/errors.ts';
export { type Failure, failureOf } from './cli/failure.ts';
export { type Interrupt, listenForInterrupt } from './cli/interrupt.ts';
export { loadConfig } from './config/load-config.ts';
export { createProgress, type ProgressOptions, type ProgressStyle } from './progress/create-progress.ts';
export type { Phase, Progress } from './progress/progress.ts';
export { showDistill } from './progress/show-distill.ts';
export {
  count,
  counted,
  dollars,
  duration,
  milliseconds,
  percent,
  plainPercent,
  price,
} from './progress/words.ts';
export type {
  Confusion,
  Latency,
  LossPoint,
  ReportData,
  ServiceFacts,
  TeacherFacts,
  TrainingFacts,
} from './report/data.ts';
export { type ReportContext, reportFromDistill } from './report/from-distill.ts';
export { renderReport } from './report/report-page.ts';
export { registerStudent } from './students/register-student.ts';
export { version } from './version.ts';
