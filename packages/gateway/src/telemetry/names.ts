/**
 * Every name that leaves the gateway in metrics and traces, in one place: who watches it builds dashboards and alarms on
 * them, so a name is changed only with a word in the release notes.
 *
 * Metrics follow Prometheus' rules (base units, `_total` on what only grows). Their labels are bounded: names out of the
 * configuration, and words out of the lists below; never an id, a text or anything of a request. Traces follow the
 * conventions of OpenTelemetry for generative AI (https://opentelemetry.io/docs/specs/semconv/gen-ai/, 1.37 and later);
 * what those don't know begins with `kolben.`.
 *
 * @module
 */

export const metricNames = {
  calls: 'kolben_calls_total',
  duration: 'kolben_call_duration_seconds',
  firstToken: 'kolben_time_to_first_token_seconds',
  tokens: 'kolben_tokens_total',
  cost: 'kolben_cost_usd_total',
  costAvoided: 'kolben_cost_avoided_usd_total',
  audits: 'kolben_audits_total',
  auditCost: 'kolben_audit_cost_usd_total',
  confidence: 'kolben_student_confidence',
  studentAttempts: 'kolben_student_attempts_total',
  studentDuration: 'kolben_student_duration_seconds',
  providerAttempts: 'kolben_provider_attempts_total',
  providerSuspended: 'kolben_provider_suspended',
  refused: 'kolben_requests_refused_total',
  events: 'kolben_events_total',
  underWay: 'kolben_calls_under_way',
  backlogCalls: 'kolben_recorder_backlog_calls',
  backlogBytes: 'kolben_recorder_backlog_bytes',
} as const;

/** What stands in a label where there is nothing: a call that belongs to no task. */
export const none = 'none';

/** How an attempt at a provider or a student went. */
export const outcomes = [
  /** It answered. */
  'ok',
  /** The provider refused the request (4xx). */
  'refused',
  /** It said that it can't, or didn't answer. */
  'failed',
  /** The client left meanwhile. */
  'gone',
  /** There is no student, or the request is not for one. */
  'none',
] as const;
export type AttemptOutcome = (typeof outcomes)[number];

export type TokenKind = 'prompt' | 'completion' | 'cached' | 'reasoning';

/** Seconds. */
export const durationBuckets = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
];
export const confidenceBuckets = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1];

/** Of spans. */
export const attributes = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  temperature: 'gen_ai.request.temperature',
  topP: 'gen_ai.request.top_p',
  maxTokens: 'gen_ai.request.max_tokens',
  seed: 'gen_ai.request.seed',
  choices: 'gen_ai.request.choice.count',
  responseId: 'gen_ai.response.id',
  responseModel: 'gen_ai.response.model',
  finishReasons: 'gen_ai.response.finish_reasons',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cachedTokens: 'gen_ai.usage.cache_read.input_tokens',
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  errorType: 'error.type',
  callId: 'kolben.call.id',
  task: 'kolben.task',
  route: 'kolben.route',
  answeredBy: 'kolben.answered_by',
  reason: 'kolben.reason',
  status: 'kolben.status',
  confidence: 'kolben.student.confidence',
  certified: 'kolben.student.certified',
  cost: 'kolben.cost_usd',
  teacherCost: 'kolben.teacher_cost_usd',
  outcome: 'kolben.outcome',
} as const;

/** Our endpoints, as the conventions call them. */
export const operations = { chat: 'chat', responses: 'chat', embeddings: 'embeddings' } as const;
