/**
 * Takes out of an answer what was taken out of its question, so that a student learns to answer with what it can see.
 *
 * @module
 */
import { isJsonObject, type Json } from '../extract/json.ts';
import { placeholder, type Redact, type Redacted } from './redact-text.ts';

/**
 * The text of the answer with the same words in the place of what was found in the input, wherever it occurs, and of
 * whatever else is found in the answer itself. In an answer in JSON each string is redacted by itself; a number that
 * is personal data becomes text. Keys stay.
 *
 * @param text the input as it was, to which the positions of `input.found` belong
 */
export function redactAnswer(answer: string, text: string, input: Redacted, redact: Redact): string {
  const known = new Map<string, string>();
  for (const { kind, start, end } of input.found) known.set(text.slice(start, end), placeholder(kind));
  // Longer ones first: one number may be the beginning of another.
  const originals = [...known].sort(([one], [other]) => other.length - one.length);
  const change = (value: string) => {
    let changed = value;
    for (const [original, word] of originals) changed = changed.replaceAll(original, word);
    return redact(changed).text;
  };
  if (!/^\s*[[{]/.test(answer)) return change(answer);
  let parsed: Json;
  try {
    parsed = JSON.parse(answer) as Json;
  } catch {
    return change(answer);
  }
  const result = walk(
    parsed,
    change,
    new Map(originals.map(([original, word]) => [digitsOf(original), word])),
  );
  return result === parsed ? answer : JSON.stringify(result);
}

/** The same value where nothing in it changes. */
function walk(value: Json, change: (text: string) => string, numbers: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') return change(value);
  if (typeof value === 'number') return numbers.get(String(value)) ?? value;
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => walk(item, change, numbers));
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(
      ([key, member]) => [key, walk(member, change, numbers)] as const,
    );
    return members.some(([key, member]) => member !== value[key]) ? Object.fromEntries(members) : value;
  }
  return value;
}

/** Of what was written with spaces or in one piece, as a number would stand in JSON. */
function digitsOf(original: string): string {
  return original.replaceAll(/[ -]/g, '');
}
