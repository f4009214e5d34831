/**
 * JSON as it comes from outside: nothing is known of it until it has been looked at.
 *
 * @module
 */

export type JsonObject = Record<string, unknown>;

/** No honest request comes near it. */
export const deepestJson = 256;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The value, or undefined where the text is no JSON. (JSON itself has no undefined.)
 *
 * What is nested deeper than `deepestJson` counts as no JSON. JavaScript reads any depth but writes only some
 * thousand levels; what is let in must be possible to write down, or a call could be made that leaves no record.
 */
export function parseJson(text: string): unknown {
  if (isDeeperThan(text, deepestJson)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isDeeperThan(text: string, most: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === 0x22) {
      at = endOfString(text, at);
      continue;
    }
    // Braces and brackets alike, but for the 0x20 between their codes.
    const bracket = sign | 0x20;
    if (bracket === 0x7b) {
      depth += 1;
      if (depth > most) return true;
    } else if (bracket === 0x7d) depth -= 1;
  }
  return false;
}

/** Where the string that begins at `from` has its closing quote; the text's end where it has none. */
function endOfString(text: string, from: number): number {
  let at = from;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
}
