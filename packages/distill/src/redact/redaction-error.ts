/**
 * What can be wrong with the patterns to be redacted.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine';

export class RedactionError extends KolbenError {
  declare readonly code: 'redaction_pattern';

  constructor(what: string) {
    super('redaction_pattern', `Redaction: ${what}.`);
  }
}
