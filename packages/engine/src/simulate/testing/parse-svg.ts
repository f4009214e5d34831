/**
 * A reader of the little XML that pictures consist of, as strict as it is small.
 *
 * @module
 */

export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: (Element | string)[];
}

/** Reads the XML that pictures of timelines may hold, and throws at anything that isn't well-formed. */
export function parse(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [] };
  const open = [root];
  const decode = (text: string): string => {
    if (/[<>"]|&(?!#\d+;)/.test(text)) throw new Error(`Unescaped text: ${text}`);
    return text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
  };
  const token = /<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>|([^<]+)|(.)/gsu;
  for (const [all, closing, name, attributes, empty, text] of xml.matchAll(token)) {
    const parent = open.at(-1)!;
    if (text !== undefined) {
      parent.children.push(decode(text));
    } else if (name === undefined) {
      throw new Error(`Not XML: ${all}`);
    } else if (closing) {
      if (open.length < 2 || open.pop()!.name !== name) throw new Error(`Closes what isn't open: ${all}`);
    } else {
      const pairs = [...attributes!.matchAll(/ ([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [
        key,
        decode(value!),
      ]);
      if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw new Error(`Attribute twice: ${all}`);
      const element: Element = { name, attributes: Object.fromEntries(pairs), children: [] };
      parent.children.push(element);
      if (!empty) open.push(element);
    }
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error('Not one closed element.');
  return root.children[0] as Element;
}

/** The elements of that name within another, in the order of the document. */
export function all(element: Element, name: string): Element[] {
  return element.children.flatMap((child) =>
    typeof child === 'string' ? [] : [...(child.name === name ? [child] : []), ...all(child, name)],
  );
}

/** All text within an element. */
export function textOf(element: Element): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}
