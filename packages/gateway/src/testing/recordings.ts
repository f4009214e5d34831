/**
 * Answers of real providers, as they were recorded: `provider_streams` in the folder that `KOLBEN_TEST_DATA` names.
 * A stream is a file with one chunk a line, without the `data:` before it.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, type JsonObject } from '../json.ts';

const folder = join(process.env.KOLBEN_TEST_DATA ?? '', 'provider_streams');
const present = process.env.KOLBEN_TEST_DATA !== undefined && existsSync(folder);

/** Are the recordings missing where a run may do without them? Then what needs them is skipped. */
export const withoutRecordings = !present && process.env.KOLBEN_TEST_REQUIRE !== '1';

function names(ending: string): string[] {
  // Recordings of the older completions endpoint, which the gateway doesn't have, stand beside those of chats.
  if (!present) return [];
  return readdirSync(folder).filter(
    (name) => name.endsWith(ending) && !name.startsWith('openai__completion'),
  );
}

/** Names of all recordings, whatever they are of. */
export function allNames(): string[] {
  return present ? readdirSync(folder).filter((name) => name !== 'LICENSE') : [];
}

/** Names of all recorded streams of chats. */
export function streamNames(): string[] {
  return names('.chunks.txt');
}

/** Names of all plain answers, errors among them. */
export function plainNames(): string[] {
  return names('.json');
}

/** The lines of a stream. */
export function streamLines(name: string): string[] {
  return readFileSync(join(folder, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

/** The chunks of a stream. */
export function streamChunks(name: string): JsonObject[] {
  return streamLines(name).map((line) => readObject(line));
}

/** A plain answer, as text. */
export function plainText(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

export function readObject(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new TypeError('A recording is no JSON object.');
  return value;
}
