/**
 * The text of a chat message's content: text as it is, a list of text parts joined by '\n'.
 *
 * Whoever turns other people's messages into examples or questions must use this one way, so that a student
 * is asked exactly as it was taught.
 *
 * @module
 */

/** undefined where the content is neither, for instance has an image among its parts. */
export function contentText(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const texts: string[] = [];
  for (const part of content as unknown[]) {
    if (typeof part !== 'object' || part === null) return undefined;
    if (!('type' in part) || part.type !== 'text') return undefined;
    if (!('text' in part) || typeof part.text !== 'string') return undefined;
    texts.push(part.text);
  }
  return texts.join('\n');
}
