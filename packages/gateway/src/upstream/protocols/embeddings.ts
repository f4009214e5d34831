/**
 * `/embeddings` of a provider: texts in, vectors out, never streamed.
 *
 * @module
 */
import { isObject, type JsonObject } from '../../json.ts';
import { replaceMembers } from '../replace-members.ts';
import type { HeardEvent, Protocol, StreamListener } from './protocol.ts';

export const embeddingsProtocol: Protocol = {
  endpoint: 'embeddings',
  requestFor: (text, _request, { model }) => ({
    body: replaceMembers(text, { model: JSON.stringify(model) }),
    stripUsage: false,
  }),
  isAnswer: (body) => Array.isArray(body.data),
  usageOf({ usage }) {
    // Vectors are no tokens, and providers don't count them.
    return isObject(usage) ? { completion_tokens: 0, ...usage } : undefined;
  },
  listen: () => new NoStream(),
};

/** Should a provider stream vectors all the same, they go through and aren't understood. */
class NoStream implements StreamListener {
  readonly isFinished = true;

  hear(_event: JsonObject): HeardEvent {
    return { hasToken: false, isUsageAlone: false };
  }

  answer(): null {
    return null;
  }
}
