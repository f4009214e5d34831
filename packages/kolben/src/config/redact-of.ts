/**
 * How a configuration has texts redacted, for what learns from them.
 *
 * @module
 */
import type { RedactOptions } from '@kolben/distill';
import type { Config } from '@kolben/gateway/config';

/** A student's questions are redacted as its examples were, so what the gateway takes out has to be known to it. */
export function redactOf({ redaction: { countries, patterns } }: Config): RedactOptions {
  return { patterns, ...(countries && { countries }) };
}
