/**
 * The tables, as the queries see them. The statements that make them are in `migrations/`.
 *
 * The rules, so that an SQLite file and a Postgres server can lie under the same queries: moments are whole
 * milliseconds since 1970 (UTC), truths are 0 or 1, money is whole nano-USD, JSON is text, sealed text is
 * bytes, ids are text, a whole number beyond 2^31 is a `bigint` column. A whole number comes back as `number` or, beyond
 * 2^53, as `bigint`: read it with `toNumber` or `toBigInt` of `integers.ts`.
 *
 * @module
 */
import type { ColumnType } from 'kysely';
import type { Reserved } from './budgets/budget.ts';
import type { CallDrawn, CallStatus, Endpoint } from './calls/call.ts';
import type { Grain } from './counters/grain.ts';
import type { Verdict } from './decisions/decision.ts';
import type { Scope } from './keys/key.ts';
import type { Answerer, Route } from './route.ts';
import type { RunEnd, RunSource } from './runs/run.ts';

type Whole = ColumnType<number | bigint | string, number | bigint, number | bigint>;
type WholeOrNull = ColumnType<
  number | bigint | string | null,
  number | bigint | null,
  number | bigint | null
>;
type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>;
type BytesOrNull = ColumnType<Uint8Array | null, Uint8Array | null, Uint8Array | null>;

/** Which migrations this database has been through. */
export interface MigrationsTable {
  version: Whole;
  name: string;
  applied_at: Whole;
}

/** Facts about the database itself. */
export interface SettingsTable {
  name: string;
  value: string;
}

export interface ApiKeysTable {
  id: string;
  name: string;
  scope: Scope;
  /** SHA-256 of the secret, in hexadecimal. */
  secret_sha256: string;
  created_at: Whole;
  last_used_at: WholeOrNull;
  expires_at: WholeOrNull;
  revoked_at: WholeOrNull;
  /** What its calls may cost in a calendar month (UTC); null: as much as they do. */
  budget_nano_usd: WholeOrNull;
  requests_per_minute: WholeOrNull;
  tokens_per_minute: WholeOrNull;
}

/** The figures of each call. Narrow on purpose: lists and the ledger read it without touching the words. */
export interface CallsTable {
  id: string;
  at: Whole;
  task: string | null;
  key_id: string | null;
  route: Route;
  answered_by: Answerer;
  provider: string | null;
  model: string | null;
  status: CallStatus;
  error_code: string | null;
  latency_ms: number;
  ttft_ms: number | null;
  prompt_tokens: Whole;
  completion_tokens: Whole;
  cached_tokens: Whole;
  cache_write_tokens: Whole;
  reasoning_tokens: Whole;
  audio_input_tokens: Whole;
  audio_output_tokens: Whole;
  usage_estimated: Whole;
  cost_nano_usd: Whole;
  teacher_cost_nano_usd: Whole;
  student_id: string | null;
  student_confidence: number | null;
  student_certified: WholeOrNull;
  streamed: Whole;
  drawn: CallDrawn | null;
  /** Whether the lot fell on it to be asked of both. Null: it did not. */
  audited: WholeOrNull;
  /** Whether student and teacher gave the same answer; null where there are no two to compare. */
  agreed: WholeOrNull;
  /** The split of the dataset in which its input is since a student learned from it. */
  split: string | null;
  endpoint: Endpoint;
  /** What the client calls it by. */
  client_request_id: string | null;
  /** Why it was this one who answered, as the gateway says it; null where it wasn't told. */
  reason: string | null;
  /** The part of `latency_ms` before `provider` was asked; null: it was asked first. */
  waited_ms: number | null;
}

/** Sums over calls, changed in the very transaction that records them; see `counters/counter.ts`. */
export interface CountersTable {
  grain: Grain;
  /** A month (`2026-11`) or a minute (`2026-11-28T10:53`), UTC. */
  period: string;
  /** Empty for calls without a task, and where the grain isn't by task; likewise the next two. */
  task: string;
  key_id: string;
  answered_by: string;
  calls: Whole;
  estimated_calls: Whole;
  prompt_tokens: Whole;
  completion_tokens: Whole;
  cached_tokens: Whole;
  cache_write_tokens: Whole;
  reasoning_tokens: Whole;
  audio_input_tokens: Whole;
  audio_output_tokens: Whole;
  cost_nano_usd: Whole;
  teacher_cost_nano_usd: Whole;
  /** Set aside for calls under way. */
  reserved_nano_usd: Whole;
  reserved_tokens: Whole;
  /** Of a minute: calls that were let in. */
  admitted_calls: Whole;
}

/** What is set aside for one call until it is recorded. */
export interface ReservationsTable {
  call_id: string;
  what: Reserved;
  /** Nano-USD, or tokens. */
  amount: Whole;
  /** The month, or the minute, that it counts in. */
  period: string;
  task: string;
  key_id: string;
  /** Whose call it is, so that what a killed process has set aside is set free. */
  instance_id: string;
}

/** Processes that have something set aside. As long as one lives, its beat changes. */
export interface InstancesTable {
  id: string;
  beat: Whole;
}

/** The words of each call, sealed. A row of its own, so that it can go while the figures stay. */
export interface CallTextsTable {
  call_id: string;
  request: Bytes;
  response: BytesOrNull;
  student_answer: BytesOrNull;
  error_message: BytesOrNull;
  /** What the teacher answered in the background, where the client had the student's answer. */
  audit_response: BytesOrNull;
  /** Length of the five together, so that readers can keep to a budget of memory. */
  bytes: Whole;
}

export interface StudentsTable {
  id: string;
  task: string;
  directory: string;
  digest: string;
  certificate: string | null;
  created_at: Whole;
  /** The one promoted last is its task's current student; null: it was rolled back, or never promoted. */
  promoted_at: WholeOrNull;
}

/** What the teacher, asked in the background, said to a call that the student answered. */
export interface AuditsTable {
  call_id: string;
  at: Whole;
  task: string;
  student_id: string;
  student_digest: string;
  /** Null where the teacher gave nothing to compare with. */
  agreed: WholeOrNull;
  provider: string | null;
  model: string | null;
  error_code: string | null;
  prompt_tokens: Whole;
  completion_tokens: Whole;
  cost_nano_usd: Whole;
}

/** Who was right where student and teacher differ, as a person decided. */
export interface DecisionsTable {
  call_id: string;
  at: Whole;
  verdict: Verdict;
  /** The right answer where neither gave it, sealed; null elsewhere, and once the call's words are deleted. */
  answer: BytesOrNull;
  decided_by: string;
  /** Length of the sealed answer. */
  bytes: Whole;
}

/** The test whether a student's risk is kept, of each student of a task by its digest. */
export interface RiskWatchesTable {
  task: string;
  student_digest: string;
  student_id: string;
  /** JSON; what it means is known to who advances it. */
  state: string;
  changed_at: Whole;
  /** When the test rang, and the student was withdrawn. */
  withdrawn_at: WholeOrNull;
}

/** What happened to a task's students and routes, for the operator. No text of calls. */
export interface EventsTable {
  id: string;
  at: Whole;
  task: string;
  what: string;
  student_id: string | null;
  detail: string;
}

/** How often each measure of inputs fell into each bin, by student and day. */
export interface DriftCountsTable {
  task: string;
  student_digest: string;
  /** Days since 1970, UTC. */
  day: Whole;
  measure: string;
  bin: Whole;
  n: Whole;
}

/** Trainings of students; see `runs/run.ts`. */
export interface RunsTable {
  id: string;
  task: string;
  source: RunSource;
  kind: string | null;
  /** As its process left it: one that was killed is still `running`, and its beat has stopped. */
  state: 'running' | RunEnd;
  begun_at: Whole;
  beat_at: Whole;
  ended_at: WholeOrNull;
  stop_wanted_at: WholeOrNull;
  process: string;
  settings: string;
  dataset: string | null;
  plan: string | null;
  progress: string | null;
  timeline: string | null;
  end_facts: string | null;
}

/** How a run was after some of its steps. */
export interface RunPointsTable {
  run_id: string;
  step: Whole;
  loss: number;
  learning_rate: number;
  tokens_per_second: number | null;
  agreement: number | null;
  validation_loss: number | null;
}

/** Providers that were asked and failed, after which somebody else was asked, or they once more; by the hour. */
export interface FailedAttemptsTable {
  provider: string;
  /** Hours since 1970, UTC. */
  hour: Whole;
  code: string;
  n: Whole;
  /** All of them together. */
  took_ms: number;
  last_at: Whole;
}

export interface TaskRoutesTable {
  task: string;
  route: Route;
  set_at: Whole;
}

export interface AuditEventsTable {
  id: string;
  at: Whole;
  actor: string;
  act: string;
  subject: string | null;
  detail: string;
}

/** Browsers of administrators that are signed in to the console. */
export interface ConsoleSessionsTable {
  /** SHA-256 of the token, in hexadecimal. */
  token_sha256: string;
  key_id: string;
  created_at: Whole;
  last_used_at: Whole;
  expires_at: Whole;
}

export interface Schema {
  kolben_migrations: MigrationsTable;
  settings: SettingsTable;
  api_keys: ApiKeysTable;
  calls: CallsTable;
  call_texts: CallTextsTable;
  students: StudentsTable;
  task_routes: TaskRoutesTable;
  audit_events: AuditEventsTable;
  audits: AuditsTable;
  decisions: DecisionsTable;
  risk_watches: RiskWatchesTable;
  events: EventsTable;
  drift_counts: DriftCountsTable;
  failed_attempts: FailedAttemptsTable;
  runs: RunsTable;
  run_points: RunPointsTable;
  counters: CountersTable;
  reservations: ReservationsTable;
  instances: InstancesTable;
  console_sessions: ConsoleSessionsTable;
}
