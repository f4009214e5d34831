/**
 * What can go wrong between the gateway and a provider, as the client is told of it.
 *
 * The client learns that the teacher's provider failed and how, but no address, no name of a variable and no key:
 * those stand in the log, for the operator.
 *
 * @module
 */
import { isObject, parseJson } from '../json.ts';
import { ApiError } from '../server/api-error.ts';

const longestMessage = 2_000;

/** Nobody answered: refused, unknown host, broken TLS, connection lost before the first byte. */
export function unreachable(forLog: string): ApiError {
  const message = "The teacher's provider could not be reached; try again later.";
  return new ApiError(502, 'provider_unreachable', message, { type: 'provider_error', forLog });
}

/** The provider kept silent for longer than its configured `timeoutMs`. */
export function tooSlow(): ApiError {
  const message = "The teacher's provider did not answer in time; try again later.";
  return new ApiError(504, 'provider_timeout', message, { type: 'provider_error' });
}

/** The connection was lost in the middle of the answer. */
export function brokeOff(): ApiError {
  const message = "The teacher's provider broke off in the middle of its answer; try again.";
  return new ApiError(502, 'provider_broke_off', message, { type: 'provider_error' });
}

/** The answer is longer than `limits.responseBytes`. */
export function tooLarge(): ApiError {
  const message = "The teacher's provider sent a larger answer than this gateway accepts.";
  return new ApiError(502, 'provider_answer_too_large', message, { type: 'provider_error' });
}

/** Status 200, but no JSON object. */
export function notAnAnswer(): ApiError {
  const message = "The teacher's provider sent something that is no chat completion.";
  return new ApiError(502, 'provider_answer_invalid', message, { type: 'provider_error' });
}

/**
 * What the client is told of a provider's answer with another status than 2xx.
 *
 * The status and the words of an error object go on to the client; free text and HTML don't, for they tell of the
 * provider's insides. Three statuses are not the client's affair and become 502: a refused key (401, 403, 407:
 * it is the gateway's key, and the client would mistrust its own) and redirects, which are never followed.
 *
 * @param secret the provider's key; should the provider repeat it, it is cut out
 */
export function fromProvider(
  status: number,
  body: string,
  headers: Readonly<Record<string, string | undefined>>,
  secret: string | undefined,
): ApiError {
  const forLog = `status ${status}`;
  if (status >= 300 && status < 400) {
    const message = "The teacher's provider answered with a redirect, which is not followed.";
    return new ApiError(502, 'provider_redirect', message, { type: 'provider_error', forLog });
  }
  if (status === 401 || status === 403 || status === 407) {
    const message = "The teacher's provider refused this gateway's key; its operator must set it right.";
    return new ApiError(502, 'provider_refused_key', message, { type: 'provider_error', forLog });
  }
  const told = readError(parseJson(body));
  const passedOn: Record<string, string> = {};
  for (const name of ['retry-after', 'retry-after-ms']) {
    const value = headers[name];
    if (value !== undefined) passedOn[name] = value;
  }
  const said = told.message === undefined ? undefined : withoutSecrets(told.message, secret);
  return new ApiError(
    status >= 400 && status <= 599 ? status : 502,
    told.code ?? 'provider_error',
    said ?? `The teacher's provider answered with status ${status}.`,
    {
      type: told.type ?? 'provider_error',
      param: told.param,
      headers: passedOn,
      forLog,
      quoted: said === undefined ? 'provider_status' : 'provider_said',
      values: { status, said: said ?? '' },
    },
  );
}

/** The text without the provider's key and anything else that was sent as one, cut to a readable length. */
export function withoutSecrets(text: string, secret: string | undefined): string {
  const cut = secret === undefined ? text : text.replaceAll(secret, '[removed]');
  return cut.replace(/\b(Bearer\s+)\S+/gi, '$1[removed]').slice(0, longestMessage);
}

interface ToldError {
  message?: string;
  type?: string;
  param?: string;
  code?: string;
}

/** OpenAI's form, and those of Mistral (`message` on top), FastAPI (`detail`) and Ollama (`error` is a text). */
function readError(body: unknown): ToldError {
  if (!isObject(body)) return {};
  if (typeof body.error === 'string') return { message: body.error };
  const error = isObject(body.error) ? body.error : body;
  return {
    message: textOf(error.message) ?? textOf(error.detail),
    type: textOf(error.type),
    param: textOf(error.param),
    code: textOf(error.code) ?? (typeof error.code === 'number' ? String(error.code) : undefined),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
