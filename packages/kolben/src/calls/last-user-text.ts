/** The words of the last user message of a chat request, or undefined where there are none. */
export function lastUserText(request: object | null): string | undefined {
  const messages = (request as { messages?: unknown } | null)?.messages;
  if (!Array.isArray(messages)) return undefined;
  const last = (messages as { role?: unknown; content?: unknown }[]).findLast(
    (message) => message?.role === 'user',
  );
  if (typeof last?.content === 'string') return last.content;
  if (!Array.isArray(last?.content)) return undefined;
  const parts = last.content as { type?: unknown; text?: unknown }[];
  return parts.flatMap((part) => (typeof part?.text === 'string' ? [part.text] : [])).join('\n');
}
