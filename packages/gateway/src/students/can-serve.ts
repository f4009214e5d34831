/**
 * Can a student of this kind serve this request at all?
 *
 * A student answers one text: with one label, with one JSON object where it extracts, or with a short text. Whatever
 * asks for more (tools, several answers, images, JSON from one that gives labels, log-probabilities, sound) would get
 * something else than was asked for, so it's the teacher's. Settings that only steer sampling (temperature, seed,
 * penalties, stop) are no obstacle: such answers have no variants.
 *
 * @module
 */
import { contentText } from '@kolben/distill';
import type { TaskConfig } from '../config/task-schema.ts';
import { isObject, type JsonObject } from '../json.ts';

/** What stands in the way, as the member of the request that does; undefined: nothing. */
export function obstacleFor(request: JsonObject, { kind }: { kind: TaskConfig['kind'] }): string | undefined {
  if (hasEntries(request.tools)) return 'tools';
  if (hasEntries(request.functions)) return 'functions';
  if (typeof request.n === 'number' && request.n !== 1) return 'n';
  if (!formatsOf[kind].has(formatOf(request.response_format))) return 'response_format';
  if (request.logprobs === true) return 'logprobs';
  if (typeof request.top_logprobs === 'number' && request.top_logprobs > 0) return 'top_logprobs';
  if (isObject(request.logit_bias) && Object.keys(request.logit_bias).length > 0) return 'logit_bias';
  if (request.audio != null) return 'audio';
  if (Array.isArray(request.modalities) && request.modalities.some((kind) => kind !== 'text'))
    return 'modalities';
  if (request.web_search_options != null) return 'web_search_options';
  return obstacleInMessages(request.messages);
}

/** Formats that the answers of each kind are in. An extraction keeps to the schema that it was taught. */
const formatsOf: Readonly<Record<TaskConfig['kind'], ReadonlySet<unknown>>> = {
  classify: new Set(['text']),
  extract: new Set(['text', 'json_object', 'json_schema']),
  generate: new Set(['text']),
};

function formatOf(format: unknown): unknown {
  return isObject(format) ? format.type : 'text';
}

function obstacleInMessages(messages: unknown): string | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return 'messages';
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    if (!isObject(message) || typeof message.role !== 'string') return path;
    if (message.role === 'tool' || message.role === 'function') return `${path}.role`;
    if (hasEntries(message.tool_calls)) return `${path}.tool_calls`;
    if (message.function_call != null) return `${path}.function_call`;
    if (contentText(message.content) === undefined) return `${path}.content`;
  }
  // An answer that was begun is to be continued, and a label can't be.
  const last: unknown = messages.at(-1);
  return isObject(last) && last.role === 'assistant' ? `messages[${messages.length - 1}].role` : undefined;
}

function hasEntries(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
