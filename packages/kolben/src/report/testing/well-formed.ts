/**
 * Reads markup as strictly as an XML reader would, without being one: every element closed in order, every
 * attribute quoted and named once, no stray `<` or `&`.
 *
 * @module
 */

export interface Element {
  name: string;
  attributes: Map<string, string>;
}

const entity = /&(?!(?:amp|lt|gt|quot|#39|#\d+|#x[0-9a-f]+);)/i;

/** The elements in document order. @throws Error that says what is malformed and where */
export function readMarkup(text: string): Element[] {
  const elements: Element[] = [];
  const open: string[] = [];
  let at = text.startsWith('<!DOCTYPE html>') ? '<!DOCTYPE html>'.length : 0;
  const fail = (what: string) => {
    throw new Error(`${what} at ${at}: …${text.slice(Math.max(0, at - 40), at + 60)}…`);
  };
  while (at < text.length) {
    const next = text.indexOf('<', at);
    const words = text.slice(at, next < 0 ? text.length : next);
    // The content of a style sheet is not markup.
    if (open.at(-1) !== 'style' && entity.test(words)) fail(`a stray & in "${words.slice(0, 60)}"`);
    if (next < 0) break;
    at = next;
    const tag = /^<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/.exec(text.slice(at));
    if (!tag) return fail('no well-formed tag') as never;
    const [whole, closing, name, attributeText, selfClosing] = tag as unknown as [
      string,
      string,
      string,
      string,
      string,
    ];
    if (closing) {
      if (open.pop() !== name) fail(`</${name}> closes what isn't open`);
    } else {
      const attributes = new Map<string, string>();
      for (const [, key, value] of attributeText.matchAll(/([\w:-]+)="([^"]*)"/g)) {
        if (attributes.has(key!)) fail(`${key} twice`);
        if (entity.test(value!)) fail(`a stray & in ${key}`);
        attributes.set(key!, value!);
      }
      elements.push({ name, attributes });
      if (!selfClosing) open.push(name);
    }
    at += whole.length;
  }
  if (open.length > 0) fail(`never closed: ${open.join(', ')}`);
  return elements;
}
