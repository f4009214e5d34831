/**
 * How a teacher is asked, as labelling sees it: whoever calls `labelExamples` brings the connection.
 *
 * @module
 */

import type { Drawn } from '@kolben/store';

/** A chat request in OpenAI's form, without the model, which the asker adds. */
export interface ChatRequest {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly [setting: string]: unknown;
}

/** What came back, whatever its status. */
export interface Reply {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body as JSON; undefined where it is none. */
  readonly body: unknown;
  /** What the call cost, USD; undefined where nobody said. */
  readonly cost?: number | undefined;
  /** Id under which the call is recorded. */
  readonly call?: string | undefined;
  /** Who answered. Labels come from the teacher alone. Default `teacher`. */
  readonly answeredBy?: string | undefined;
}

/** What is to be kept with the record of a call. */
export interface CallMarks {
  /** Of this very try, and of no other: by it the record is found again. */
  readonly requestId: string;
  /** How the input was found. */
  readonly drawn?: Drawn | undefined;
}

/**
 * Puts a request to the teacher. Rejects where there is no reply at all.
 *
 * The request may have been sent even so, and cost its price.
 */
export type Ask = (request: ChatRequest, signal: AbortSignal, marks: CallMarks) => Promise<Reply>;

/** USD per million tokens. */
export interface TeacherPrice {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
}
