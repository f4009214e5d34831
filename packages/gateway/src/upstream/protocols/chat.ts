/**
 * `/chat/completions` of a provider.
 *
 * @module
 */
import { isObject, type JsonObject } from '../../json.ts';
import { usageIn } from '../../ledger/usage.ts';
import { respellAnswer, respellChunk } from '../reasoning.ts';
import { CompletionAssembler } from './assemble-completion.ts';
import { chatRequest } from './chat-request.ts';
import type { HeardEvent, Protocol, StreamListener } from './protocol.ts';

export const chatProtocol: Protocol = {
  endpoint: 'chat',
  requestFor: chatRequest,
  isAnswer: (body) => Array.isArray(body.choices),
  usageOf: usageIn,
  translate(said, isChunk, teacher, first) {
    const as = first.provider.reasoning?.as;
    if (as === undefined || teacher.provider === first.provider) return undefined;
    return isChunk ? respellChunk(said, as) : respellAnswer(said, as);
  },
  listen: () => new ChatListener(),
};

class ChatListener implements StreamListener {
  readonly #assembler = new CompletionAssembler();

  hear(chunk: JsonObject): HeardEvent {
    if (chunk.error != null) return { hasToken: false, isUsageAlone: false, error: wordsOf(chunk.error) };
    this.#assembler.add(chunk);
    return { hasToken: hasToken(chunk), isUsageAlone: isUsageAlone(chunk) };
  }

  answer(): JsonObject | null {
    return this.#assembler.completion();
  }

  get isFinished(): boolean {
    return this.#assembler.finished;
  }
}

/** An error object's message; empty where it has none. */
export function wordsOf(error: unknown): string {
  if (typeof error === 'string') return error;
  return isObject(error) && typeof error.message === 'string' ? error.message : '';
}

function isUsageAlone(chunk: JsonObject): boolean {
  return Array.isArray(chunk.choices) && chunk.choices.length === 0 && chunk.usage != null;
}

function hasToken(chunk: JsonObject): boolean {
  if (!Array.isArray(chunk.choices)) return false;
  return chunk.choices.some((choice: unknown) => {
    if (!isObject(choice) || !isObject(choice.delta)) return false;
    const { role: _role, ...pieces } = choice.delta;
    return Object.values(pieces).some((piece) => piece != null && piece !== '');
  });
}
