/**
 * The base of every error that a user of Kolben can cause.
 *
 * The message is one sentence that names what is wrong and where, and the way out; `code` is stable and
 * meant for programs. Programs should ask `KolbenError.isInstance`, which also works when two copies of
 * this package are loaded, where `instanceof` would not.
 *
 * @module
 */
const marker = Symbol.for('kolben.error');

/** Names and figures of a message, by which it can be told in another language: `{ task: 'mail', missing: 12 }`. */
export type ErrorValues = Readonly<Record<string, string | number>>;

/** What an error may carry beside its message. */
export interface KolbenErrorOptions extends ErrorOptions {
  /** Default: none. */
  readonly values?: ErrorValues;
}

/** The base of every error that a caller can cause: one sentence with the way out, and a stable code. */
export class KolbenError extends Error {
  /** Stable, machine-readable, in snake case: `example_file_empty`. */
  readonly code: string;
  /** What the message names: tasks, paths, figures. */
  readonly values: ErrorValues;

  constructor(code: string, message: string, options?: KolbenErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.values = options?.values ?? {};
    Object.defineProperty(this, marker, { value: true, enumerable: false });
  }

  /** Whether this is such an error, of whichever copy of this package. */
  static isInstance(error: unknown): error is KolbenError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}
