/**
 * What a call can cost at the most, before it is asked.
 *
 * Every token of the tokenizers that providers use covers one byte or more of the text, so a text has no more tokens
 * than bytes; each message adds a few for its role and its frame. The answer is bounded by the request's own limit.
 *
 * @module
 */
import type { ChatRequest, TeacherPrice } from './ask.ts';

/** Tokens that frame a message, and a request. Providers' templates need 3 to 10. */
const frameTokens = 32;

/** In USD. @param answerTokens the most that the answer may have, hidden reasoning included */
export function priceBound(
  { messages }: Pick<ChatRequest, 'messages'>,
  answerTokens: number,
  { inputPerMillion, outputPerMillion }: TeacherPrice,
): number {
  const promptTokens = messages.reduce(
    (sum, { role, content }) => sum + Buffer.byteLength(role) + Buffer.byteLength(content) + frameTokens,
    frameTokens,
  );
  return (promptTokens * inputPerMillion + answerTokens * outputPerMillion) / 1_000_000;
}

/** In USD, where the reply has no price with it: as its usage says, else as if every byte were a token. */
export function priceOf(
  usage: unknown,
  request: Pick<ChatRequest, 'messages'>,
  answerBytes: number,
  price: TeacherPrice,
): number {
  const { prompt_tokens: prompt, completion_tokens: completion } = (usage ?? {}) as Record<string, unknown>;
  if (!isCount(prompt) || !isCount(completion)) return priceBound(request, answerBytes, price);
  return (prompt * price.inputPerMillion + completion * price.outputPerMillion) / 1_000_000;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
