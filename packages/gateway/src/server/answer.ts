/**
 * What an endpoint answers with.
 *
 * It looks like a web `Response` and isn't one: a `Response` with its `Headers` and its `ReadableStream` costs time in
 * every call and gives nothing for it (decision 0250).
 *
 * @module
 */

/** A whole text, pieces as they come, or nothing. */
export type AnswerBody = string | AsyncGenerator<Uint8Array, void, undefined> | null;

export interface AnswerHead {
  /** 200 where left out. */
  status?: number;
  /** By name, in lower case. */
  headers?: Readonly<Record<string, string>>;
}

export class Answer {
  readonly body: AnswerBody;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(body: AnswerBody, { status = 200, headers = {} }: AnswerHead = {}) {
    this.body = body;
    this.status = status;
    this.headers = headers;
  }
}

/** The same answer with these headers besides. */
export function withHeaders(answer: Answer, headers: Readonly<Record<string, string>> | undefined): Answer {
  if (headers === undefined) return answer;
  const { body, status } = answer;
  return new Answer(body, { status, headers: { ...answer.headers, ...headers } });
}
