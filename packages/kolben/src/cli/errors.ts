/**
 * The errors of the command line itself, and what each kind of failure means for the exit code.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';

/** The command was typed wrongly: unknown option, missing argument, a number out of its range. */
export class UsageError extends KolbenError {
  static readonly code = 'usage';

  constructor(message: string) {
    super(UsageError.code, message);
  }
}

/** The user pressed Ctrl-C, or the process was asked to end. */
export class InterruptedError extends KolbenError {
  static readonly code = 'interrupted';

  constructor(message = 'Stopped as asked; nothing half-written was left behind.') {
    super(InterruptedError.code, message);
  }
}

/** What a script may rely on. The numbers above 2 are the shell's and sysexits' own. */
export const exitCodes = {
  done: 0,
  /** The input or the circumstances do not allow it: the sentence on standard error says what and where. */
  failed: 1,
  /** The command was typed wrongly. */
  usage: 2,
  /** A fault of Kolben's own. */
  fault: 70,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const;

/** One line, whatever the message held: a sentence on standard error must stay a sentence. */
export function oneLine(message: string): string {
  return message.replace(/\s*[\r\n]+\s*/g, ' ').trim();
}
