/** The answer's words in a chat completion, or undefined where there are none. */
export function answerText(response: object | null): string | undefined {
  const choices = (response as { choices?: unknown } | null)?.choices;
  if (!Array.isArray(choices)) return undefined;
  const content: unknown = (choices[0] as { message?: { content?: unknown } } | undefined)?.message?.content;
  return typeof content === 'string' ? content : undefined;
}
