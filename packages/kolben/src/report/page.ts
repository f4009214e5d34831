/**
 * The frame of every page that Kolben writes: one HTML file that needs nothing else, no script, no request, no font. It
 * opens from a mail attachment, an archive or a memory stick, today and in ten years.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { version } from '../version.ts';
import { html, type Markup, trusted } from './html.ts';
import { style } from './style.ts';

/** Allows the style sheets that stand in `body`, by their digest, and nothing else whatever. */
function contentSecurityPolicy(body: string): string {
  const sheets = [...body.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, sheet]) => sheet!);
  const digests = new Set(
    sheets.map((sheet) => `'sha256-${createHash('sha256').update(sheet).digest('base64')}'`),
  );
  return `default-src 'none'; style-src ${[...digests].join(' ')}; base-uri 'none'; form-action 'none'`;
}

export interface Page {
  readonly title: string;
  readonly header: Markup;
  readonly main: readonly (Markup | undefined)[];
  /** Of Kolben, as the data of the page tell it. */
  readonly version?: string;
}

export function renderPage({ title, header, main, version: by = version }: Page): string {
  const styleSheet = trusted(`<style>${style}</style>`);
  const body = html`${header}
<main>
${main.map(
  (section) => html`${section}
`,
)}</main>
<footer><p>Made by Kolben ${by}. This page asks for nothing from any server and contains no script.</p></footer>`;
  const policy = contentSecurityPolicy(styleSheet.text + body.text);
  return html`${trusted('<!DOCTYPE html>')}
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${policy}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="referrer" content="no-referrer"/>
<title>${title}</title>
${styleSheet}
</head>
<body>
${body}
</body>
</html>
`.text;
}
