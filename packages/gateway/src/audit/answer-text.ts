/**
 * What a teacher said, where it is an answer to compare with.
 *
 * @module
 */
import { isObject, type JsonObject } from '../json.ts';

/** Answers that ended for one of these reasons are not what the teacher meant to say. */
const cutShort = new Set(['length', 'content_filter']);

/** Undefined where there is no whole text answer (a tool call, an answer that was cut short). */
export function answerTextOf(completion: JsonObject | null): string | undefined {
  const choice: unknown = Array.isArray(completion?.choices) ? completion.choices[0] : undefined;
  if (!isObject(choice) || !isObject(choice.message)) return undefined;
  if (typeof choice.finish_reason === 'string' && cutShort.has(choice.finish_reason)) return undefined;
  const { content } = choice.message;
  return typeof content === 'string' ? content : undefined;
}
