/**
 * Switches on what the configuration, or the standard variables of OpenTelemetry, ask for; by default nothing. What that
 * takes is loaded then, and not before.
 *
 * @module
 */
import type { Config } from '../config/schema.ts';
import { type CallWatch, type Gauges, noTelemetry, type Telemetry } from './telemetry.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export async function startTelemetry(
  { metrics, otlp }: Config['telemetry'],
  environment: Environment,
  gauges: Gauges,
): Promise<Telemetry> {
  const parts: Telemetry[] = [];
  if (metrics) parts.push((await import('./metrics.ts')).makeMetrics(gauges));
  if (otlp || asksForTraces(environment)) {
    const { makeTraces } = await import('./traces.ts');
    parts.push(makeTraces({ serviceName: 'kolben', content: false, ...otlp }));
  }
  if (parts.length <= 1) return parts[0] ?? noTelemetry;
  return both(parts);
}

/** https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
function asksForTraces(environment: Environment): boolean {
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false;
  if (environment.OTEL_TRACES_EXPORTER === 'none') return false;
  return Boolean(environment.OTEL_EXPORTER_OTLP_ENDPOINT || environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}

function both(parts: readonly Telemetry[]): Telemetry {
  const metrics = parts.find((part) => part.metrics)?.metrics;
  return {
    begin(start): CallWatch {
      const watches = parts.map((part) => part.begin(start));
      return {
        attempt(attempt) {
          const ends = watches.map((watch) => watch.attempt(attempt));
          return (outcome, error) => {
            for (const end of ends) end(outcome, error);
          };
        },
        end(call, reason) {
          for (const watch of watches) watch.end(call, reason);
        },
      };
    },
    audits: {
      attempt(attempt) {
        const ends = parts.map(({ audits }) => audits.attempt(attempt));
        return (outcome, error) => {
          for (const end of ends) end(outcome, error);
        };
      },
      end(audit) {
        for (const { audits } of parts) audits.end(audit);
      },
    },
    refused(code) {
      for (const part of parts) part.refused(code);
    },
    listen: (log) => parts.reduce((heard, part) => part.listen(heard), log),
    ...(metrics && { metrics }),
    close: async () => {
      await Promise.all(parts.map((part) => part.close()));
    },
  };
}
