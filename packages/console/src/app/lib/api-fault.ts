/**
 * An error of the API, as the page knows it.
 *
 * @module
 */

export type FaultValues = Readonly<Record<string, string | number>>;

export class ApiFault extends Error {
  override readonly name = 'ApiFault';
  /** HTTP's; 0 where there was no answer. */
  readonly status: number;
  /** Snake case; texts of the catalogues go by it. */
  readonly code: string;
  /** What the message names; texts of the catalogues take them. */
  readonly values: FaultValues;

  /** @param message one sentence, in English, from the server */
  constructor(status: number, code: string, message: string, values: FaultValues = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.values = values;
  }

  /** The session is over, or there was none. */
  get isSignedOut(): boolean {
    return this.code === 'session_missing' || this.code === 'session_ended';
  }
}

/** What an answer with an error says: `{ error: { code, message } }`. */
export async function faultIn(response: { status: number; json(): Promise<unknown> }): Promise<ApiFault> {
  const said: unknown = await response.json().catch(() => undefined);
  const error = (said as { error?: { code?: unknown; message?: unknown; values?: unknown } } | undefined)
    ?.error;
  return new ApiFault(
    response.status,
    typeof error?.code === 'string' ? error.code : 'internal_error',
    typeof error?.message === 'string'
      ? error.message
      : `The gateway answered with status ${response.status}.`,
    (error?.values ?? {}) as FaultValues,
  );
}
