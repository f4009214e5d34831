/**
 * Changes members of a JSON object in its text, and nothing else of it.
 *
 * Parsing a request and writing it again would round its large integers, drop the second of two equal keys and
 * lose what JavaScript has no word for. Whatever the gateway has no business with stays as the client wrote it.
 *
 * @module
 */

/**
 * The same JSON text with these top-level members set; one that isn't there is added at the end.
 *
 * A key that stands there twice is replaced twice: readers differ in which of the two they take, and it must not
 * be possible to have the gateway read one model and the provider another.
 *
 * @param text valid JSON whose top level is an object
 * @param members JSON text of each new value, by key
 */
export function replaceMembers(text: string, members: Readonly<Record<string, string>>): string {
  const open = skipSpace(text, 0);
  const found = new Set<string>();
  let result = '';
  let copied = 0;
  let empty = true;
  let at = skipSpace(text, open + 1);
  while (text.charCodeAt(at) !== 0x7d) {
    empty = false;
    const keyEnd = endOfString(text, at);
    const key: unknown = JSON.parse(text.slice(at, keyEnd));
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = endOfValue(text, start);
    if (typeof key === 'string' && Object.hasOwn(members, key)) {
      result += text.slice(copied, start) + members[key];
      copied = end;
      found.add(key);
    }
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  const missing = Object.keys(members).filter((key) => !found.has(key));
  const added = missing.map((key) => `${JSON.stringify(key)}:${members[key]}`).join(',');
  result += text.slice(copied, at);
  return `${result}${added !== '' && !empty ? ',' : ''}${added}${text.slice(at)}`;
}

const quote = 0x22;
const backslash = 0x5c;

/** Spaces, tabs and line ends: nothing else that is so small stands between the parts of valid JSON. */
function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

/** Where the string that begins at `from` ends, its closing quote included. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); ; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === backslash) before -= 1;
    if ((at - before) % 2 === 1) return at + 1;
  }
}

function endOfValue(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === quote) return endOfString(text, from);
  let at = from;
  if (first !== 0x7b && first !== 0x5b) {
    while (!/[\s,}]/.test(text[at]!)) at += 1;
    return at;
  }
  let depth = 0;
  do {
    const sign = text.charCodeAt(at);
    if (sign === quote) {
      at = endOfString(text, at);
      continue;
    }
    // Braces and brackets alike, but for the 0x20 between their codes.
    const bracket = sign | 0x20;
    if (bracket === 0x7b) depth += 1;
    else if (bracket === 0x7d) depth -= 1;
    at += 1;
  } while (depth > 0);
  return at;
}
