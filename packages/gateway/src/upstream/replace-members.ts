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
  while (text[at] !== '}') {
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

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return at;
}

/** Where the string that begins at `from` ends, its closing quote included. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function endOfValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return endOfString(text, from);
  let at = from;
  if (first !== '{' && first !== '[') {
    while (!/[\s,}]/.test(text[at]!)) at += 1;
    return at;
  }
  let depth = 0;
  do {
    const sign = text[at];
    if (sign === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') depth -= 1;
    at += 1;
  } while (depth > 0);
  return at;
}
