/**
 * Puts the chunks of a streamed answer together to the chat completion that a plain call would have got.
 *
 * It follows what nine providers were recorded to send, not only OpenAI's own form: content as parts (Mistral's
 * thinking), reasoning under two names, tool calls without an index or with an empty id in each piece, usage in a
 * chunk of its own or with the last choice, first chunks without an id (Azure). What it doesn't know is kept: of
 * arrays all entries, of anything else the last value that isn't null.
 *
 * @module
 */
import { isObject, type JsonObject } from '../../json.ts';

/** Members of a delta that come in pieces. All other texts (role, name, …) are whole in each chunk. */
const inPieces = new Set([
  'content',
  'reasoning_content',
  'reasoning',
  'refusal',
  'arguments',
  'data',
  'transcript',
]);

interface Choice {
  message: JsonObject;
  logprobs: JsonObject | null;
  finishReason: unknown;
  rest: JsonObject;
}

export class CompletionAssembler {
  #top: JsonObject = {};
  #choices = new Map<number, Choice>();
  #usage: unknown = null;
  #chunks = 0;

  /** The last usage seen, as the provider wrote it; null before there is one. */
  get usage(): unknown {
    return this.#usage;
  }

  /** Every choice has said why it ended. */
  get finished(): boolean {
    const choices = [...this.#choices.values()];
    return choices.length > 0 && choices.every((choice) => choice.finishReason != null);
  }

  add(chunk: JsonObject): void {
    this.#chunks += 1;
    const { choices, usage, object: _object, obfuscation: _obfuscation, ...rest } = chunk;
    for (const [key, value] of Object.entries(rest)) {
      // The first that says something: ids and times of later chunks may differ, those of an answer can't.
      const isSet = this.#top[key] !== undefined && this.#top[key] !== '' && this.#top[key] !== 0;
      if (value != null && (!isSet || !['id', 'created', 'model'].includes(key))) set(this.#top, key, value);
    }
    if (usage != null) this.#usage = usage;
    if (!Array.isArray(choices)) return;
    for (const [position, choice] of choices.entries())
      if (isObject(choice)) this.#addChoice(choice, position);
  }

  /** The completion of what came so far; null where nothing did. */
  completion(): JsonObject | null {
    if (this.#chunks === 0) return null;
    const { id = '', created = 0, model = '', ...rest } = this.#top;
    const choices = [...this.#choices.entries()]
      .sort(([a], [b]) => a - b)
      .map(([index, choice]) => ({
        index,
        message: finishMessage(choice.message),
        logprobs: choice.logprobs,
        finish_reason: choice.finishReason ?? null,
        ...choice.rest,
      }));
    const whole: JsonObject = { id, object: 'chat.completion', created, model, choices, ...rest };
    if (this.#usage !== null) whole.usage = this.#usage;
    return whole;
  }

  #addChoice(from: JsonObject, position: number): void {
    const { index, delta, finish_reason, logprobs, ...rest } = from;
    const number = typeof index === 'number' ? index : position;
    let choice = this.#choices.get(number);
    if (!choice) {
      choice = { message: {}, logprobs: null, finishReason: null, rest: {} };
      this.#choices.set(number, choice);
    }
    if (finish_reason != null) choice.finishReason = finish_reason;
    if (isObject(logprobs)) {
      choice.logprobs ??= {};
      merge(choice.logprobs, logprobs);
    }
    merge(choice.rest, rest);
    if (isObject(delta)) addDelta(choice.message, delta);
  }
}

function addDelta(message: JsonObject, delta: JsonObject): void {
  const { tool_calls, content, ...rest } = delta;
  if (content != null) set(message, 'content', joinContent(message.content, content));
  merge(message, rest);
  if (Array.isArray(tool_calls)) addToolCalls(message, tool_calls);
}

/** Texts that come in pieces are joined, arrays appended, objects merged; of the rest the last word counts. */
function merge(into: JsonObject, from: JsonObject): void {
  for (const [key, value] of Object.entries(from)) {
    if (value == null) continue;
    const old = Object.hasOwn(into, key) ? into[key] : undefined;
    if (typeof value === 'string' && typeof old === 'string') {
      if (inPieces.has(key)) set(into, key, old + value);
      else if (value !== '') set(into, key, value);
    } else if (Array.isArray(value) && Array.isArray(old)) old.push(...value);
    else if (isObject(value) && isObject(old)) merge(old, value);
    else set(into, key, structuredClone(value));
  }
}

function addToolCalls(message: JsonObject, pieces: unknown[]): void {
  const calls: unknown[] = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  message.tool_calls = calls;
  for (const piece of pieces) {
    if (!isObject(piece)) continue;
    const { index, ...rest } = piece;
    // Mistral sends whole calls without an index: each is a new one.
    const place = typeof index === 'number' && index >= 0 && index <= calls.length ? index : calls.length;
    const call = calls[place];
    if (isObject(call)) merge(call, rest);
    else {
      const fresh: JsonObject = {};
      merge(fresh, rest);
      calls[place] = fresh;
    }
  }
}

/** Content is a text or an array of parts; pieces of the same kind of part grow together. */
function joinContent(old: unknown, piece: unknown): unknown {
  if (typeof piece === 'string') {
    if (old == null || typeof old === 'string') return (old ?? '') + piece;
    return piece === '' ? old : joinContent(old, [{ type: 'text', text: piece }]);
  }
  if (!Array.isArray(piece)) return old ?? piece;
  const parts: unknown[] = Array.isArray(old)
    ? old
    : typeof old === 'string' && old !== ''
      ? [textPart(old)]
      : [];
  for (const part of piece) joinPart(parts, part);
  return parts;
}

function joinPart(parts: unknown[], part: unknown): void {
  const last = parts.at(-1);
  if (isObject(last) && isObject(part) && last.type === part.type) {
    if (typeof last.text === 'string' && typeof part.text === 'string') {
      last.text += part.text;
      return;
    }
    if (Array.isArray(last.thinking) && Array.isArray(part.thinking)) {
      for (const inner of part.thinking) joinPart(last.thinking, inner);
      return;
    }
  }
  parts.push(structuredClone(part));
}

function textPart(text: string): JsonObject {
  return { type: 'text', text };
}

function finishMessage(message: JsonObject): JsonObject {
  const { role = 'assistant', content = null, ...rest } = message;
  return { role, content, ...rest };
}

/** A key that comes from outside must become a member, whatever it is called; `__proto__` would not. */
function set(into: JsonObject, key: string, value: unknown): void {
  Object.defineProperty(into, key, { value, writable: true, enumerable: true, configurable: true });
}
