/**
 * What the configuration says of metrics and traces. Both are off by default.
 *
 * @module
 */
import { z } from 'zod';

export const telemetrySchema = z.strictObject({
  /** `GET /metrics`, for a key of scope `admin`, in Prometheus' format. */
  metrics: z.boolean().default(false),
  /**
   * Traces by OTLP over HTTP. Left out, they are on where OTEL_EXPORTER_OTLP_ENDPOINT or its like is set. Headers, such as
   * the key of a service that takes them, come from OTEL_EXPORTER_OTLP_HEADERS.
   */
  otlp: z
    .strictObject({
      /** Where traces are sent, path and all; left out, the standard variables say. */
      url: z
        .string()
        .regex(
          /^https?:\/\/[^@]+$/,
          'must be a URL without user and password, such as http://127.0.0.1:4318/v1/traces',
        )
        .optional(),
      serviceName: z.string().min(1).default('kolben'),
      /** The share of calls that are traced. */
      sampleRatio: z.number().min(0).max(1).optional(),
      /** Texts of calls too, redacted: mail addresses, phone numbers, IBANs, cards and national ids are taken out. */
      content: z.boolean().default(false),
    })
    .optional(),
});
