/**
 * What makes a question the same question: its input and the settings that it is asked with.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { ChatRequest } from './ask.ts';

/** Settings that change what a teacher says; logprobs and limits of tokens do not. */
const telling = ['temperature', 'response_format'] as const;

/** @param teacher which model is asked, as `provider/model` */
export function questionKey(request: ChatRequest, teacher: string): string {
  const { messages } = request;
  const settings = telling.map((name) => request[name] ?? null);
  return createHash('sha256')
    .update(JSON.stringify([teacher, messages.map(({ role, content }) => [role, content]), settings]))
    .digest('base64url');
}

/** One of the calls for an input. @param vote from 0 */
export function unitOf(key: string, vote: number): string {
  return `${key}#${vote}`;
}
