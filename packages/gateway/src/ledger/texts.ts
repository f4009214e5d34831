/**
 * What of a request and of an answer a tokenizer has to count, whatever the endpoint.
 *
 * @module
 */
import { isObject, type JsonObject } from '../json.ts';

/** What a model reads of a request, or wrote of an answer. */
export interface Countable {
  texts: string[];
  /** Tokens that are there as numbers (a request for vectors may hold them so). */
  tokens: number;
  messages: number;
  images: number;
}

/** Members that hold no words: names, addresses, data. */
const wordless = new Set([
  'type',
  'role',
  'id',
  'call_id',
  'tool_call_id',
  'url',
  'image_url',
  'data',
  'file_data',
  'file_id',
  'embedding',
  'encrypted_content',
  'detail',
  'format',
  'status',
  'object',
  'finish_reason',
]);

/** Of a request: its messages, and what it says of tools and of the form of the answer. */
export function textsOfRequest(request: JsonObject): Countable {
  const found = nothing();
  const messages = [request.messages, request.input].find((each) => Array.isArray(each));
  found.messages = Array.isArray(messages) ? messages.filter(isObject).length : 0;
  for (const member of [request.messages, request.input, request.instructions, request.prompt]) {
    gather(member, found);
  }
  for (const member of [request.tools, request.functions, request.response_format, request.text]) {
    if (member != null) found.texts.push(JSON.stringify(member));
  }
  return found;
}

/** Of an answer, or of what came of it: content, reasoning that it shows, tool calls. */
export function textsOfAnswer(answer: JsonObject | null): Countable {
  const found = nothing();
  if (answer === null) return found;
  const { choices, output } = answer;
  if (Array.isArray(choices)) {
    for (const choice of choices) if (isObject(choice)) gather(choice.message, found);
  }
  gather(output, found);
  return found;
}

function nothing(): Countable {
  return { texts: [], tokens: 0, messages: 0, images: 0 };
}

function gather(value: unknown, found: Countable): void {
  if (typeof value === 'string') {
    if (value !== '') found.texts.push(value);
  } else if (typeof value === 'number') {
    found.tokens += 1;
  } else if (Array.isArray(value)) {
    for (const each of value) gather(each, found);
  } else if (isObject(value)) {
    if (value.type === 'image_url' || value.type === 'input_image') found.images += 1;
    for (const [name, member] of Object.entries(value)) {
      // Of an object numbers are no words: an index, a confidence.
      if (!wordless.has(name) && typeof member !== 'number') gather(member, found);
    }
  }
}
