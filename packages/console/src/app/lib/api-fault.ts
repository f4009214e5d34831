/**
 * An error of the API, as the page knows it.
 *
 * @module
 */

export class ApiFault extends Error {
  override readonly name = 'ApiFault';
  /** HTTP's; 0 where there was no answer. */
  readonly status: number;
  /** Snake case; texts of the catalogues go by it. */
  readonly code: string;

  /** @param message one sentence, in English, from the server */
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** The session is over, or there was none. */
  get isSignedOut(): boolean {
    return this.code === 'session_missing';
  }
}

/** What an answer with an error says: `{ error: { code, message } }`. */
export async function faultIn(response: { status: number; json(): Promise<unknown> }): Promise<ApiFault> {
  const said: unknown = await response.json().catch(() => undefined);
  const error = (said as { error?: { code?: unknown; message?: unknown } } | undefined)?.error;
  return new ApiFault(
    response.status,
    typeof error?.code === 'string' ? error.code : 'internal_error',
    typeof error?.message === 'string'
      ? error.message
      : `The gateway answered with status ${response.status}.`,
  );
}
