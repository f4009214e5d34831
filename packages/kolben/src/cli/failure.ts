/**
 * What to tell of a failure, and with which code to end.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import { exitCodes, InterruptedError, oneLine, UsageError } from './errors.ts';

export interface Failure {
  /** One line, for standard error. */
  sentence: string;
  /** The exit code. */
  code: number;
}

/** Any error as one sentence. Only what isn't a `KolbenError` is called a fault of Kolben's own. */
export function failureOf(error: unknown): Failure {
  if (error instanceof InterruptedError) return { sentence: error.message, code: exitCodes.interrupted };
  if (error instanceof UsageError) return { sentence: oneLine(error.message), code: exitCodes.usage };
  // Somebody stopped the run from elsewhere: it ends as by Ctrl-C.
  if (KolbenError.isInstance(error) && error.code === 'run_stop_wanted')
    return { sentence: oneLine(error.message), code: exitCodes.interrupted };
  if (KolbenError.isInstance(error)) return { sentence: oneLine(error.message), code: exitCodes.failed };
  const message = oneLine(error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  const sentence = `This is a fault in Kolben, not in your input: ${message}. KOLBEN_DEBUG=1 shows where; please report it.`;
  return { sentence, code: exitCodes.fault };
}
