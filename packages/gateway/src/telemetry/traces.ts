/**
 * Traces with OpenTelemetry, sent by OTLP over HTTP. Loaded only where they are switched on.
 *
 * A span for each call, with a child for each time that a student or a provider was asked. The texts of a call are left
 * out unless `content` asks for them, and then redacted. Nothing of a trace goes to a provider.
 *
 * @module
 */
import { redactor } from '@kolben/distill';
import type { NewCall } from '@kolben/store';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { isObject, type JsonObject } from '../json.ts';
import { messagesOf } from '../messages.ts';
import { attributes as names, operations } from './names.ts';
import { type CallWatch, noAudits, type Telemetry } from './telemetry.ts';

export interface TraceOptions {
  /** Where traces go, `http://127.0.0.1:4318/v1/traces`; left out, the standard OTEL_ variables say. */
  url?: string | undefined;
  serviceName: string;
  /** The share of calls that are traced, 0 to 1; left out, OTEL_TRACES_SAMPLER says, and else all are. */
  sampleRatio?: number | undefined;
  /** Texts of calls too, redacted. */
  content: boolean;
}

export function makeTraces({ url, serviceName, sampleRatio, content }: TraceOptions): Telemetry {
  const exporter = new OTLPTraceExporter({
    ...(url !== undefined && { url }),
    // A receiver that is down must not hold up the stop of the gateway for long.
    ...(!process.env.OTEL_EXPORTER_OTLP_TIMEOUT && { timeoutMillis: 2_000 }),
  });
  const provider = new BasicTracerProvider({
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before the configuration, as everywhere.
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': serviceName }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(exporter)],
    ...(sampleRatio !== undefined && {
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
    }),
  });
  const tracer = provider.getTracer('kolben');
  const redact = content ? redactor() : undefined;
  const clean = (text: string) => redact!(text).text;

  return {
    begin({ id, endpoint, task, route, request, traceparent }): CallWatch {
      const operation = operations[endpoint];
      const model = typeof request.model === 'string' ? request.model : '';
      const span = tracer.startSpan(
        `${operation} ${task === null ? model : `kolben/${task}`}`,
        {
          kind: SpanKind.SERVER,
          attributes: defined({
            [names.operation]: operation,
            [names.requestModel]: model,
            [names.callId]: id,
            [names.task]: task ?? undefined,
            [names.route]: route,
            ...asked(request),
          }),
        },
        parentOf(traceparent),
      );
      if (!span.isRecording()) return { attempt: () => () => {}, end: () => span.end() };
      const context = trace.setSpan(ROOT_CONTEXT, span);
      /** The provider that answers: its span ends with its answer, not with the head of it. */
      let answering: Span | undefined;
      return {
        attempt(attempt) {
          const child =
            attempt.kind === 'student'
              ? tracer.startSpan(
                  `${operation} student`,
                  {
                    kind: SpanKind.INTERNAL,
                    attributes: {
                      [names.operation]: operation,
                      [names.provider]: 'kolben',
                      [names.task]: attempt.task,
                    },
                  },
                  context,
                )
              : tracer.startSpan(
                  `${operation} ${attempt.model}`,
                  {
                    kind: SpanKind.CLIENT,
                    attributes: {
                      [names.operation]: operation,
                      [names.provider]: attempt.provider,
                      [names.requestModel]: attempt.model,
                      [names.serverAddress]: attempt.address.hostname,
                      [names.serverPort]: Number(
                        attempt.address.port || (attempt.address.protocol === 'https:' ? 443 : 80),
                      ),
                    },
                  },
                  context,
                );
          return (outcome, error) => {
            child.setAttribute(names.outcome, outcome);
            if (outcome === 'ok' && attempt.kind === 'provider') {
              answering = child;
              return;
            }
            if (error !== undefined) fail(child, error);
            child.end();
          };
        },
        end(call, reason) {
          const facts = defined({
            [names.responseId]: text(call.response, 'id'),
            [names.responseModel]: text(call.response, 'model'),
            [names.finishReasons]: finishReasons(call.response),
            [names.inputTokens]: call.usage.promptTokens,
            [names.outputTokens]: call.usage.completionTokens,
            [names.cachedTokens]: call.usage.cachedTokens || undefined,
          });
          if (answering) {
            answering.setAttributes(facts);
            if (call.error) fail(answering, call.error.code);
            answering.end();
          }
          span.setAttributes({
            ...facts,
            ...defined({
              [names.answeredBy]: call.answeredBy,
              [names.provider]: call.answeredBy === 'teacher' ? (call.provider ?? undefined) : 'kolben',
              [names.reason]: reason,
              [names.status]: call.status,
              [names.cost]: call.cost,
              [names.teacherCost]: call.teacherCost,
              [names.confidence]: call.student?.confidence,
              [names.certified]: call.student?.certified,
            }),
          });
          if (redact && endpoint === 'chat') span.setAttributes(defined(words(call, clean)));
          if (call.error) fail(span, call.error.code);
          span.end();
        },
      };
    },
    // A call's trace is over when its client has the answer.
    audits: noAudits,
    refused: () => {},
    listen: (log) => log,
    close: async () => {
      await provider.shutdown().catch(() => {});
    },
  };
}

function fail(span: Span, error: string): void {
  span.setAttribute(names.errorType, error);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** The trace of who asks goes on; anything that is no `traceparent` begins a new one. */
function parentOf(traceparent: string | undefined): Context {
  const parts = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '');
  if (!parts || /^0+$/.test(parts[1]!) || /^0+$/.test(parts[2]!)) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: parts[1]!,
    spanId: parts[2]!,
    traceFlags: Number.parseInt(parts[3]!, 16) & 1,
    isRemote: true,
  });
}

function asked(request: JsonObject): Attributes {
  const number = (value: unknown) => (typeof value === 'number' ? value : undefined);
  return {
    [names.temperature]: number(request.temperature),
    [names.topP]: number(request.top_p),
    [names.maxTokens]: number(request.max_completion_tokens ?? request.max_tokens),
    [names.seed]: number(request.seed),
    [names.choices]: typeof request.n === 'number' && request.n > 1 ? request.n : undefined,
  };
}

function choicesOf(response: object | null): JsonObject[] {
  const choices = isObject(response) ? response.choices : undefined;
  return Array.isArray(choices) ? choices.filter(isObject) : [];
}

function finishReasons(response: object | null): string[] | undefined {
  const reasons = choicesOf(response).flatMap(({ finish_reason }) =>
    typeof finish_reason === 'string' ? [finish_reason] : [],
  );
  return reasons.length > 0 ? reasons : undefined;
}

function text(response: object | null, member: string): string | undefined {
  const value = isObject(response) ? response[member] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Messages as the conventions write them. Of what is no text, images and tools, nothing goes in. */
function words(call: NewCall, clean: (text: string) => string): Attributes {
  const part = (content: string) => ({ type: 'text', content: clean(content) });
  const input = messagesOf(call.request as JsonObject).map(({ role, content }) => ({
    role,
    parts: [part(content)],
  }));
  const output = choicesOf(call.response).flatMap(({ message, finish_reason }) =>
    isObject(message) && typeof message.content === 'string'
      ? [{ role: 'assistant', parts: [part(message.content)], finish_reason }]
      : [],
  );
  return {
    [names.inputMessages]: JSON.stringify(input),
    [names.outputMessages]: output.length > 0 ? JSON.stringify(output) : undefined,
  };
}

/** Without what isn't known. */
function defined(from: Attributes): Attributes {
  return Object.fromEntries(Object.entries(from).filter(([, value]) => value !== undefined));
}
