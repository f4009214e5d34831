/**
 * Metrics in Prometheus' format, with prom-client. Loaded only where they are switched on.
 *
 * @module
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Log, LogFields } from '../log/log.ts';
import { confidenceBuckets, durationBuckets, metricNames as names, none, type TokenKind } from './names.ts';
import type { CallWatch, Gauges, Telemetry } from './telemetry.ts';

export function makeMetrics(gauges: Gauges): Telemetry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: number[],
  ) => new Histogram({ name, help, labelNames, buckets, registers });

  const calls = counter(names.calls, 'Calls that have ended.', [
    'task',
    'endpoint',
    'route',
    'answered_by',
    'status',
    'reason',
  ]);
  const duration = histogram(
    names.duration,
    'From the arrival of a call to the end of its answer.',
    ['task', 'answered_by'],
    durationBuckets,
  );
  const firstToken = histogram(
    names.firstToken,
    'From the arrival of a streamed call to its first token.',
    ['task', 'answered_by'],
    durationBuckets,
  );
  const tokens = counter(
    names.tokens,
    'Tokens, of which cached are part of prompt and reasoning part of completion.',
    ['task', 'answered_by', 'kind'],
  );
  const cost = counter(names.cost, 'What calls cost, USD.', ['task', 'answered_by', 'provider']);
  const avoided = counter(names.costAvoided, 'What the teacher alone would have cost beyond that, USD.', [
    'task',
  ]);
  const audits = counter(
    names.audits,
    'Answers of students that a teacher was asked about, by its verdict.',
    ['task', 'verdict'],
  );
  const auditCost = counter(names.auditCost, 'What those questions cost, USD.', ['task']);
  const confidence = histogram(
    names.confidence,
    'How sure students were.',
    ['task', 'certified'],
    confidenceBuckets,
  );
  const studentAttempts = counter(names.studentAttempts, 'Questions to students.', ['task', 'outcome']);
  const studentDuration = histogram(
    names.studentDuration,
    'How long students took.',
    ['task', 'outcome'],
    durationBuckets,
  );
  const providerAttempts = counter(names.providerAttempts, 'Requests to providers, repeated ones included.', [
    'provider',
    'outcome',
  ]);
  const refused = counter(names.refused, 'Requests that became no call, by the code of the error.', ['code']);
  const events = counter(names.events, "Events of the gateway's log.", ['level', 'event']);
  new Gauge({
    name: names.underWay,
    help: 'Calls whose answer is under way.',
    registers,
    collect() {
      this.set(gauges.underWay());
    },
  });
  new Gauge({
    name: names.backlogCalls,
    help: 'Calls that are still to be recorded, those under way included.',
    registers,
    collect() {
      this.set(gauges.backlog().calls);
    },
  });
  new Gauge({
    name: names.backlogBytes,
    help: 'Bytes of their requests.',
    registers,
    collect() {
      this.set(gauges.backlog().bytes);
    },
  });
  new Gauge({
    name: names.providerSuspended,
    help: '1 while a provider is left alone because it failed again and again.',
    labelNames: ['provider'],
    registers,
    collect() {
      for (const [provider, isSuspended] of gauges.suspended()) this.set({ provider }, isSuspended ? 1 : 0);
    },
  });

  const watch: CallWatch = {
    attempt(attempt) {
      if (attempt.kind === 'provider') {
        return (outcome) => providerAttempts.inc({ provider: attempt.provider, outcome });
      }
      const began = performance.now();
      return (outcome) => {
        studentAttempts.inc({ task: attempt.task, outcome });
        if (outcome !== 'none')
          studentDuration.observe({ task: attempt.task, outcome }, (performance.now() - began) / 1000);
      };
    },
    end(call, reason) {
      const task = call.task ?? none;
      const { answeredBy: answered_by, usage } = call;
      calls.inc({
        task,
        endpoint: call.endpoint ?? none,
        route: call.route,
        answered_by,
        status: call.status,
        reason,
      });
      duration.observe({ task, answered_by }, call.latencyMs / 1000);
      if (call.ttftMs != null) firstToken.observe({ task, answered_by }, call.ttftMs / 1000);
      const count = (kind: TokenKind, n: number | undefined) =>
        n && tokens.inc({ task, answered_by, kind }, n);
      count('prompt', usage.promptTokens);
      count('completion', usage.completionTokens);
      count('cached', usage.cachedTokens);
      count('reasoning', usage.reasoningTokens);
      cost.inc({ task, answered_by, provider: call.provider ?? none }, call.cost);
      avoided.inc({ task }, Math.max(0, call.teacherCost - call.cost));
      if (call.student)
        confidence.observe({ task, certified: String(call.student.certified) }, call.student.confidence);
    },
  };

  return {
    begin: () => watch,
    audits: {
      attempt: watch.attempt,
      end({ task, agreed, cost: paid }) {
        audits.inc({ task, verdict: agreed === null ? none : agreed ? 'agreed' : 'disagreed' });
        auditCost.inc({ task }, paid);
      },
    },
    refused: (code) => refused.inc({ code }),
    listen: (log): Log => {
      const at =
        (level: 'info' | 'warn' | 'error') =>
        (event: string, fields?: LogFields): void => {
          events.inc({ level, event });
          log[level](event, fields);
        };
      return { info: at('info'), warn: at('warn'), error: at('error') };
    },
    metrics: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    close: async () => registry.clear(),
  };
}
