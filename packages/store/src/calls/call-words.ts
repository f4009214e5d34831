/**
 * What is said in a call: what its client asked, and every answer to it.
 *
 * Instructions (messages of system and developer) are left out: they are the same in all calls of a task, and whoever
 * looks for a word of them would find everything.
 *
 * @module
 */
import type { Call } from './call.ts';

const instructions = new Set(['system', 'developer']);

export function* wordsOf(call: Call): Generator<string, void, undefined> {
  const { request, response, auditResponse, student, error } = call;
  if (request !== null) {
    yield* conversation(request.messages);
    yield* conversation(request.input);
  }
  for (const answer of [response, auditResponse]) {
    if (answer === null) continue;
    if (Array.isArray(answer.choices))
      for (const choice of answer.choices as unknown[]) if (isObject(choice)) yield* strings(choice.message);
    if (Array.isArray(answer.output)) yield* strings(answer.output);
  }
  if (student?.answer != null) yield student.answer;
  if (error?.message != null) yield error.message;
}

/** Messages, a text, or a list of either. */
function* conversation(value: unknown): Generator<string, void, undefined> {
  if (typeof value === 'string') yield value;
  if (!Array.isArray(value)) return;
  for (const message of value as unknown[]) {
    if (isObject(message) && typeof message.role === 'string') {
      if (instructions.has(message.role)) continue;
      // Not the role's own name.
      const { role: _, ...rest } = message;
      yield* strings(rest);
    } else yield* strings(message);
  }
}

/** Names of members are for programs. */
function* strings(value: unknown): Generator<string, void, undefined> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const one of value as unknown[]) yield* strings(one);
  else if (isObject(value))
    for (const [name, one] of Object.entries(value))
      if (name !== 'type' && name !== 'role') yield* strings(one);
}

/** As texts are compared: whatever their case, and however a letter with its accent is written. */
export function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
