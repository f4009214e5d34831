/**
 * When two requests ask the very same thing.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { isObject, type JsonObject } from '../json.ts';

/**
 * Members that don't change the answer: its form on the way (a stream or not), who asks and for which books, what is
 * done with it afterwards. `model` is the task's name, which is told apart otherwise. Whatever isn't known is held to
 * change the answer.
 */
const withoutEffect = new Set([
  'model',
  'stream',
  'stream_options',
  'user',
  'safety_identifier',
  'metadata',
  'store',
  'prompt_cache_key',
  'prompt_cache_retention',
]);

/**
 * SHA-256 of what a request asks and of whom.
 *
 * @param of what else tells one question from another: the task, its teachers, the key
 */
export function questionDigest(request: JsonObject, of: readonly unknown[]): string {
  const asked = Object.fromEntries(Object.entries(request).filter(([name]) => !withoutEffect.has(name)));
  return createHash('sha256')
    .update(JSON.stringify([ordered(asked), of.map(ordered)]))
    .digest('base64');
}

/** Members in the order of their names; a member that is null is one that isn't there, as in OpenAI's API. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isObject(value)) return value;
  return Object.entries(value)
    .filter(([, member]) => member != null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, ordered(member)]);
}
