/**
 * Answers in JSON: read from what a teacher wrote, written in one form, compared.
 *
 * @module
 */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON of an answer, which may stand in a fence of Markdown; undefined where it is none. */
export function parseAnswer(answer: string): Json | undefined {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/i.exec(answer);
  try {
    return JSON.parse(fenced ? fenced[1] : answer) as Json;
  } catch {
    return undefined;
  }
}

/**
 * The one form of a value: keys in code unit order, no white space, strings in NFC, −0 as 0. Two values are the same
 * exactly if their forms are.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'string') return JSON.stringify(value.normalize('NFC'));
  if (typeof value === 'number') return JSON.stringify(value === 0 ? 0 : value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (isJsonObject(value)) {
    const members = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key.normalize('NFC'))}:${canonicalJson(value[key])}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** The canonical form of an answer in JSON; of any other answer the text without white space at its ends. */
export function canonicalAnswer(answer: string): string {
  const value = parseAnswer(answer);
  return value === undefined ? answer.normalize('NFC').trim() : canonicalJson(value);
}

/** Whether two answers say the same, however they order keys, space or fence it. */
export function sameJson(one: string, other: string): boolean {
  return canonicalAnswer(one) === canonicalAnswer(other);
}
