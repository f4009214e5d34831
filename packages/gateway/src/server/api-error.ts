/**
 * An error as a client of the gateway gets it: an HTTP status and OpenAI's error object.
 *
 * @module
 */
import { type ErrorValues, KolbenError } from '@kolben/engine/error';
import { Answer, type HeaderList } from './answer.ts';

export type ApiErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'rate_limit_error'
  | 'server_error'
  | 'provider_error';

export interface ApiErrorDetails {
  type: ApiErrorType | (string & {});
  /** The part of the request that is at fault. */
  param?: string | null;
  /** Headers that belong to the answer, such as `retry-after`. */
  headers?: Readonly<Record<string, string>>;
  /** What the operator is told beyond it, in a word: `ECONNREFUSED`. Not for the client. */
  forLog?: string | undefined;
  /** What the message names, for a page that says it in another language. */
  values?: ErrorValues;
  /** Code and words are a provider's: a page goes by this code instead, for the provider may use the same as the gateway. */
  quoted?: QuotedErrorCode;
}

/** A provider's answer with another status than 2xx: with words of its own, or with none. */
export type QuotedErrorCode = 'provider_said' | 'provider_status';

/** Its message goes to the client as it is: it must tell nothing that the client may not know. */
export class ApiError extends KolbenError {
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly forLog: string | undefined;
  readonly quoted: QuotedErrorCode | undefined;

  constructor(status: number, code: string, message: string, details: ApiErrorDetails) {
    super(code, message, { ...(details.values && { values: details.values }) });
    this.status = status;
    this.type = details.type;
    this.param = details.param ?? null;
    this.headers = details.headers ?? {};
    this.forLog = details.forLog;
    this.quoted = details.quoted;
  }

  /** The body: `{ error: { message, type, param, code } }`. */
  body(): { error: { message: string; type: string; param: string | null; code: string } } {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } };
  }
}

/** The body as a JSON answer, with its headers and `extra`. */
export function errorAnswer(error: ApiError, extra: HeaderList = []): Answer {
  return new Answer(JSON.stringify(error.body()), {
    status: error.status,
    error: { code: error.quoted ?? error.code, message: error.message, values: error.values },
    headers: ['content-type', 'application/json', ...Object.entries(error.headers).flat(), ...extra],
  });
}

/** The same for what still speaks in web responses. */
export function errorResponse(error: ApiError): Response {
  const headers = { 'content-type': 'application/json', ...error.headers };
  return new Response(JSON.stringify(error.body()), { status: error.status, headers });
}
