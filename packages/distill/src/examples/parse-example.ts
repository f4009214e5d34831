/**
 * One line of OpenAI's fine-tuning chat format, checked and turned into an example.
 *
 * @module
 */
import type { Example, Message } from '@kolben/store';
import { contentText } from './content-text.ts';
import { ExampleFileError, type ExampleFileErrorCode } from './example-file-error.ts';
import { hasInput } from './input-text.ts';

const ROLES: ReadonlySet<string> = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

/** Everything at the top level that isn't one of these is kept in `extra`. */
const KNOWN_KEYS: ReadonlySet<string> = new Set(['messages', 'unlabelled', 'id', 'at', 'conversation']);

type Fail = (code: ExampleFileErrorCode, what: string) => ExampleFileError;

/**
 * `messages` is required; the last assistant message is the teacher's answer and what precedes it the input
 * (with `"unlabelled": true` all of it is input). Optional keys: `id`, `conversation` (text or a whole
 * number), `at` (ISO 8601, or seconds since 1970). A content is text, or a list of text parts.
 *
 * @throws ExampleFileError naming `where`
 */
export function parseExample(value: unknown, where: { file: string; line: number }): Example {
  const fail: Fail = (code, what) => new ExampleFileError(code, where, what);
  if (!isObject(value)) {
    throw fail(
      'example_file_json',
      `this is ${nameOf(value)}, but each line must hold one JSON object, {"messages": […]}, on a single line`,
    );
  }
  if (!Array.isArray(value.messages) || value.messages.length === 0) {
    throw fail(
      'example_file_messages',
      '"messages" is missing or empty; it must be a list like [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]',
    );
  }
  if (value.unlabelled !== undefined && typeof value.unlabelled !== 'boolean') {
    throw fail('example_file_key', '"unlabelled" must be true or false');
  }
  const parsed = value.messages.map((message, index) => parseMessage(message, index, fail));
  const answerAt =
    value.unlabelled === true ? -1 : parsed.findLastIndex((message) => message.role === 'assistant');
  const messages: Message[] = (answerAt === -1 ? parsed : parsed.slice(0, answerAt)).map(
    ({ role, content }) => ({ role, content: content ?? '' }),
  );
  if (!hasInput(messages)) {
    throw fail(
      'example_file_input',
      'there is nothing to answer; put a user message before the answer, since system messages are not read',
    );
  }

  const example: Example = { messages, answer: undefined, extra: extraOf(value) };
  if (answerAt !== -1) {
    const answer = parsed[answerAt]!.content;
    if (answer === null || answer.trim() === '') {
      throw fail(
        'example_file_answer',
        'the assistant message has no text to learn from; write the answer, or add "unlabelled": true to have the teacher asked',
      );
    }
    example.answer = answer;
  }
  const id = identifier(value, 'id', fail);
  if (id !== undefined) example.id = id;
  const conversation = identifier(value, 'conversation', fail);
  if (conversation !== undefined) example.conversation = conversation;
  const at = time(value.at, fail);
  if (at !== undefined) example.at = at;
  return example;
}

/** `content` is null where the message is an assistant's tool call without text. */
function parseMessage(message: unknown, index: number, fail: Fail): { role: string; content: string | null } {
  const name = `message ${index + 1}`;
  if (!isObject(message)) {
    throw fail(
      'example_file_messages',
      `${name} is ${nameOf(message)}, but it must be an object with "role" and "content"`,
    );
  }
  const { role, content } = message;
  if (typeof role !== 'string' || !ROLES.has(role)) {
    throw fail(
      'example_file_role',
      `the role of ${name} must be one of ${[...ROLES].map((known) => `"${known}"`).join(', ')}`,
    );
  }
  const text = contentText(content);
  if (text !== undefined) return { role, content: text };
  const calls = message.tool_calls ?? message.function_call;
  if ((content === null || content === undefined) && role === 'assistant' && calls) {
    return { role, content: null };
  }
  if (Array.isArray(content)) {
    throw fail(
      'example_file_content',
      `${name} has parts that are not text; a student reads text only, so keep the {"type": "text", "text": "…"} parts`,
    );
  }
  throw fail(
    'example_file_content',
    `the content of ${name} is ${nameOf(content)}, but it must be text or a list of text parts`,
  );
}

function identifier(
  value: Record<string, unknown>,
  key: 'id' | 'conversation',
  fail: Fail,
): string | undefined {
  const given = value[key];
  if (given === undefined || given === null) return undefined;
  if (typeof given === 'string') return given;
  if (typeof given === 'number' && Number.isSafeInteger(given)) return String(given);
  throw fail('example_file_key', `"${key}" is ${nameOf(given)}, but it must be text or a whole number`);
}

function time(given: unknown, fail: Fail): Date | undefined {
  if (given === undefined || given === null) return undefined;
  const at =
    typeof given === 'string'
      ? new Date(given)
      : new Date(typeof given === 'number' ? given * 1000 : Number.NaN);
  if (!Number.isNaN(at.getTime())) return at;
  throw fail(
    'example_file_key',
    '"at" is not a time; write it like "2026-11-23T16:08:00Z", or in seconds since 1970',
  );
}

function extraOf(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !KNOWN_KEYS.has(key)));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'text' : `a ${typeof value}`;
}
