export type { AuditEvent, AuditPage, NewAuditEvent } from './audit/audit-event.ts';
export type {
  AdmissionAnswer,
  BudgetSubject,
  Budgets,
  NewAdmission,
  NewReservation,
  Remaining,
  ReservationAnswer,
  Spending,
} from './budgets/budget.ts';
export {
  type Agreement,
  type AgreementFilter,
  type Call,
  type CallCursor,
  type CallDrawn,
  type CallError,
  type CallFilter,
  type CallGrain,
  type CallPage,
  type CallSearch,
  type CallStatus,
  type Calls,
  type CallsInTime,
  callGrains,
  callStatuses,
  type Drawn,
  draws,
  type Endpoint,
  type Example,
  type LaterFacts,
  type Message,
  type NewCall,
  type SearchStep,
  type StudentAnswer,
  type TeacherAnswers,
  type Usage,
} from './calls/call.ts';
export { newCallId } from './calls/new-call-id.ts';
export type { BackupReport } from './copy/backup-store.ts';
export type { CopyProgress } from './copy/copy-database.ts';
export type { CopyReport } from './copy/copy-store.ts';
export { backupStore, copyStore, restoreStore } from './copy/index.ts';
export {
  type Decision,
  type Decisions,
  type Disagreement,
  type DisagreementCounts,
  type DisagreementCursor,
  type DisagreementOrder,
  type DisagreementPage,
  disagreementOrders,
  type NewDecision,
  type Verdict,
  verdicts,
} from './decisions/decision.ts';
export type { DriftCounts, DriftDay, Histograms } from './drift/drift-counts.ts';
export {
  CallExistsError,
  StoreBackupError,
  StoreChangedError,
  StoreClosedError,
  StoreCorruptError,
  StoreInUseError,
  StoreKeyError,
  StoreLockedError,
  StoreNewerError,
  StoreNotEmptyError,
  StoreOverloadedError,
  StoreRefusedError,
  StoreTimeoutError,
  StoreUnreachableError,
  StoreUnwritableError,
  StoreValueError,
} from './errors.ts';
export type { Event, EventPage, Events, NewEvent } from './events/event.ts';
export type { StoreFacts } from './inspect/store-facts.ts';
export type { AcceptedCall, CallJournal } from './journal/call-journal.ts';
export { type Key, type KeyLimits, type Keys, type RotatedKey, type Scope, scopes } from './keys/key.ts';
export type {
  Ledger,
  LedgerFilter,
  LedgerRow,
  LedgerStep,
  LedgerSums,
  TimelineFilter,
} from './ledger/ledger-row.ts';
export { openStore } from './open-store.ts';
export type { FailedAttempt } from './performance/failed-attempt.ts';
export type {
  AnswererPerformance,
  LatencyRanks,
  Performance,
  ProviderPerformance,
} from './performance/performance.ts';
export { type PostgresOptions, schemaName } from './postgres-options.ts';
export { type Answerer, answerers, type Route, routes } from './route.ts';
export type { Routes } from './routes/route-override.ts';
export type {
  NewRun,
  Run,
  RunChange,
  RunEnd,
  RunPage,
  RunPoint,
  RunProcess,
  RunSource,
  RunState,
  Runs,
  WholeRun,
} from './runs/run.ts';
export { newRunId } from './runs/runs.ts';
export type { Rotation, RotationOptions } from './seal/rotate-key.ts';
export type { Session, SessionLook, Sessions } from './sessions/session.ts';
export type { Store, StoreOptions } from './store.ts';
export type { NewStudent, RegisteredStudent, Students } from './students/student.ts';
export type { Advanced, Audit, KeptWatch, NewAudit, RiskWatches } from './watch/risk-watch.ts';
