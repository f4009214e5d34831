/**
 * Asks a server that speaks OpenAI's API for the likeliest next tokens after others, which are given as numbers:
 * llama.cpp's server and vLLM's take them so.
 *
 * @module
 */
import type { AskTokens, ToldToken } from '@kolben/distill';
import { KolbenError } from '@kolben/engine';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { reasonOf } from '../log/log.ts';
import { jsonPoster } from './post-json.ts';

/** A server of tokens that does not answer, or with something else. */
export class TokenServerError extends KolbenError {}

export interface TokenServer {
  /** Where its API begins: `/completions` is appended. */
  readonly url: string;
  /** The model's name there; left out where the server has only one. */
  readonly model?: string | undefined;
  readonly key?: string | undefined;
}

/** Connections are kept open between questions. */
export function askTokens({ url, model, key }: TokenServer): AskTokens {
  const address = new URL(`${url.replace(/\/+$/, '')}/completions`);
  const post = jsonPoster(address);
  return async (prompt, top, signal) => {
    const body = {
      ...{ model, prompt, max_tokens: 1, temperature: 0, logprobs: top },
      // vLLM then writes numbers where it would write texts, of which several tokens may have the same.
      return_tokens_as_token_ids: true,
    };
    const { status, text } = await post(body, { key, signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw new TokenServerError(
        'teacher_server',
        `The server ${address.origin} does not answer (${reasonOf(error)}); start it, or correct its address.`,
        { cause: error },
      );
    });
    const answer = parseJson(text);
    if (status !== 200) {
      const said = isObject(answer) && isObject(answer.error) ? answer.error.message : undefined;
      throw new TokenServerError(
        'teacher_server',
        `The server ${url} answers ${status}${typeof said === 'string' ? ` (${said.slice(0, 200)})` : ''} when it is asked for the next token after others; it must take a prompt of token numbers at ${address.pathname}, with "logprobs".`,
      );
    }
    return tokensIn(answer);
  };
}

/** The likeliest tokens of a completion of one token, in the form of llama.cpp or of OpenAI's older API. */
export function tokensIn(answer: unknown): ToldToken[] {
  const choices: unknown = isObject(answer) ? answer.choices : undefined;
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const logprobs = isObject(choice) && isObject(choice.logprobs) ? choice.logprobs : {};
  const first = (list: unknown): unknown => (Array.isArray(list) ? list[0] : undefined);
  const newer = first(logprobs.content);
  if (isObject(newer) && Array.isArray(newer.top_logprobs))
    return newer.top_logprobs.filter(isObject).flatMap((one) => toldOf(one) ?? []);
  const older = first(logprobs.top_logprobs);
  return Object.entries(isObject(older) ? older : {}).flatMap(([text, logprob]) => {
    const id = /^token_id:(\d+)$/.exec(text)?.[1];
    return toldOf({ token: text, logprob, ...(id !== undefined && { id: Number(id) }) }) ?? [];
  });
}

function toldOf({ id, token, bytes, logprob }: JsonObject): ToldToken | undefined {
  // What is impossible is told as null, or as a number that stands for it.
  if (typeof token !== 'string' || typeof logprob !== 'number') return undefined;
  return {
    text: token,
    logProbability: logprob,
    ...(Number.isInteger(id) && { id: id as number }),
    ...(Array.isArray(bytes) && { bytes: bytes as number[] }),
  };
}
