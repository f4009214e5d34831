/**
 * What an endpoint answers with.
 *
 * It looks like a web `Response` and isn't one: a `Response` with its `Headers` and its `ReadableStream` costs time in
 * every call and gives nothing for it (decision 0250).
 *
 * @module
 */
import type { ErrorValues } from '@kolben/engine/error';

/** A whole text, pieces as they come, or nothing. */
export type AnswerBody = string | AsyncGenerator<Uint8Array, void, undefined> | null;

/**
 * Names, in lower case, and values in turn. Objects of so many members, made in several steps for each call, take more
 * time than what is in them.
 */
export type HeaderList = readonly string[];

export interface AnswerHead {
  /** 200 where left out. */
  status?: number;
  headers?: HeaderList;
  /** What the body tells of, where it is an error. */
  error?: AnswerError | undefined;
}

/** An error for a page that says it in another language. */
export interface AnswerError {
  readonly code: string;
  /** One sentence in English. */
  readonly message: string;
  readonly values: ErrorValues;
}

export class Answer {
  readonly body: AnswerBody;
  readonly status: number;
  readonly headers: HeaderList;
  readonly error: AnswerError | undefined;

  constructor(body: AnswerBody, { status = 200, headers = [], error }: AnswerHead = {}) {
    this.body = body;
    this.status = status;
    this.headers = headers;
    this.error = error;
  }
}

/** The same answer with these headers besides. */
export function withHeaders(answer: Answer, headers: Readonly<Record<string, string>> | undefined): Answer {
  if (headers === undefined) return answer;
  const { body, status, error } = answer;
  return new Answer(body, { status, error, headers: [...answer.headers, ...Object.entries(headers).flat()] });
}
