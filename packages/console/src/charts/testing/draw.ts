/**
 * A component as the markup that a report would hold.
 *
 * @module
 */
import type { ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

export interface Drawn {
  readonly markup: string;
  /** What stands between the tags, in order. */
  readonly text: string;
  /** The elements of a name, as their attributes. */
  all(name: string): Readonly<Record<string, string>>[];
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'" };
const read = (text: string) => text.replace(/&(amp|lt|gt|quot|#x27);/g, (_, name) => entities[name]!);

export function draw(element: ReactElement): Drawn {
  const markup = renderToStaticMarkup(element);
  return {
    markup,
    text: read(markup.replace(/<[^>]*>/g, ' '))
      .replace(/\s+/g, ' ')
      .trim(),
    all: (name) =>
      [...markup.matchAll(new RegExp(`<${name}((?: [^>]*)?)>`, 'g'))].map(([, attributes]) =>
        Object.fromEntries(
          [...attributes!.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, read(value!)]),
        ),
      ),
  };
}
