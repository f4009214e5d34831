/**
 * The frame of every page that Kolben writes: one HTML file that needs nothing else, no script, no request, no font. It
 * opens from a mail attachment, an archive or a memory stick, today and in ten years.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { version } from '../version.ts';
import { escapeText, legible } from './escape-text.ts';
import { style } from './style.ts';

/** Allows the style sheets that stand in `markup`, by their digest, and nothing else whatever. */
function contentSecurityPolicy(markup: string): string {
  const sheets = [...markup.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, sheet]) => sheet!);
  const digests = new Set(
    sheets.map((sheet) => `'sha256-${createHash('sha256').update(sheet).digest('base64')}'`),
  );
  return `default-src 'none'; style-src ${[...digests].join(' ')}; base-uri 'none'; form-action 'none'`;
}

export interface Page {
  readonly title: string;
  readonly header: ReactNode;
  readonly main: ReactNode;
  /** Of Kolben, as the data of the page tell it. */
  readonly version?: string;
}

export function renderPage({ title, header, main, version: by = version }: Page): string {
  const styleSheet = `<style>${style}</style>`;
  const body = legible(
    renderToStaticMarkup(
      <>
        {header}
        <main>{main}</main>
        <footer>
          <p>Made by Kolben {by}. This page asks for nothing from any server and contains no script.</p>
        </footer>
      </>,
    ),
    // All attributes stand in double quotes, so that an apostrophe may be one.
  ).replaceAll('&#x27;', "'");
  // The head is text, since its order matters: the policy rules what comes after it.
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${escapeText(contentSecurityPolicy(styleSheet + body))}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="referrer" content="no-referrer"/>
<title>${escapeText(title)}</title>
${styleSheet}
</head>
<body>
${body}
</body>
</html>
`;
}
