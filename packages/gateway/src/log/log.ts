/**
 * What the gateway tells its operator: one event a line, in JSON.
 *
 * An event has a name and a few plain fields. Texts of calls, answers, keys and addresses of clients never go in;
 * that is why a field is a number, a flag or a short word, and there is no place for an object.
 *
 * @module
 */

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

const levels = ['info', 'warn', 'error'] as const;
export type LogLevel = (typeof levels)[number];

/** Writes events from `level` on as JSON lines: `{"time","level","event",…fields}`. */
export function lineLog(out: { write(line: string): unknown }, level: LogLevel = 'info'): Log {
  const from = levels.indexOf(level);
  const writer =
    (own: LogLevel) =>
    (event: string, fields: LogFields = {}) => {
      if (levels.indexOf(own) < from) return;
      out.write(`${JSON.stringify({ time: new Date().toISOString(), level: own, event, ...fields })}\n`);
    };
  return { info: writer('info'), warn: writer('warn'), error: writer('error') };
}

/**
 * What can be told of an error without telling anybody's words: its code or its class.
 * Messages of foreign errors hold file names, addresses and pieces of what was being parsed.
 */
export function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
