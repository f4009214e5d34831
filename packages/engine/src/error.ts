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

/** The base of every error that a caller can cause: one sentence with the way out, and a stable code. */
export class KolbenError extends Error {
  /** Stable, machine-readable, in snake case: `example_file_empty`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    Object.defineProperty(this, marker, { value: true, enumerable: false });
  }

  /** Whether this is such an error, of whichever copy of this package. */
  static isInstance(error: unknown): error is KolbenError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}
