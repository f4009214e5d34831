/**
 * How each task's texts are redacted.
 *
 * @module
 */
import { redactor } from '@kolben/distill';
import type { RedactHook } from '../config/redaction-schema.ts';
import type { Config } from '../config/schema.ts';
import { asItIs, type CallRedactor, callRedactor } from './redact-call.ts';

export interface TaskRedaction {
  /** Undefined where nothing is taken out. */
  hook: RedactHook | undefined;
  redactCall: CallRedactor;
}

/**
 * By the task's name; a call of no task is redacted.
 *
 * @throws RedactionError for a pattern that is none
 */
export function redactorsOfTasks(config: Config): (task: string | null) => TaskRedaction {
  const { countries, patterns } = config.redaction;
  const redact = redactor({ patterns, ...(countries && { countries }) });
  const usual = { hook: config.redact, redactCall: callRedactor({ redact, hook: config.redact }) };
  const off = { hook: undefined, redactCall: asItIs };
  return (task) =>
    task !== null && Object.hasOwn(config.tasks, task) && config.tasks[task]!.redaction ? off : usual;
}
