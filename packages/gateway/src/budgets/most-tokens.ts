/**
 * The most tokens that a call can use, known before it is asked.
 *
 * No tokenizer in use makes more tokens than a text has bytes, so the request's own length bounds what a model reads of
 * it: its messages, tools and schemas are all in there. Pictures, sound and files are bounded by what they are.
 *
 * @module
 */
import type { Endpoint } from '@kolben/store';
import type { Bounds } from '../config/budget-schema.ts';
import { isObject, type JsonObject } from '../json.ts';

export interface MostTokens {
  promptTokens: number;
  completionTokens: number;
}

/** What a provider's template may put around a message, and around all of them. */
const aroundMessage = 32;
const aroundAll = 256;
/** Characters of base64 for one token of sound: a second is 10 to 25 tokens, and at least a thousand of them. */
const charactersOfSound = 32;

/** @param text the request as the client wrote it; `request` is what it says */
export function mostTokens(
  endpoint: Endpoint,
  text: string,
  request: JsonObject,
  bounds: Bounds,
): MostTokens {
  const media = mediaOf(request, bounds);
  const messages = [request.messages, request.input].find((each) => Array.isArray(each));
  const promptTokens =
    Math.max(0, Buffer.byteLength(text) - media.characters) +
    media.tokens +
    aroundAll +
    aroundMessage * (Array.isArray(messages) ? messages.length : 1);
  if (endpoint === 'embeddings') return { promptTokens, completionTokens: 0 };
  const limit =
    countOf(request.max_completion_tokens) ??
    countOf(request.max_tokens) ??
    countOf(request.max_output_tokens) ??
    bounds.answerTokens;
  // What was predicted for the answer and not used is billed as written.
  const predicted = isObject(request.prediction) ? JSON.stringify(request.prediction).length : 0;
  return { promptTokens, completionTokens: (limit + predicted) * (countOf(request.n) || 1) };
}

interface Media {
  /** Of the data itself, in the request's text. */
  characters: number;
  tokens: number;
}

function mediaOf(request: JsonObject, { imageTokens }: Bounds): Media {
  const found: Media = { characters: 0, tokens: 0 };
  const seek = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const each of value) seek(each);
      return;
    }
    if (!isObject(value)) return;
    const { image_url: image, input_audio: sound } = value;
    if (value.type === 'image_url' || value.type === 'input_image') {
      found.tokens += imageTokens;
      found.characters += dataLength(isObject(image) ? image.url : image);
    } else if (value.type === 'input_audio' && isObject(sound)) {
      const length = lengthOf(sound.data);
      found.tokens += Math.ceil(length / charactersOfSound);
      found.characters += length;
    } else if (typeof value.file_id === 'string' || typeof value.file_url === 'string') {
      // Of a file that lies elsewhere nothing is known.
      found.tokens += imageTokens;
    } else if (value.content !== undefined) seek(value.content);
  };
  seek(request.messages);
  seek(request.input);
  return found;
}

/** Of a picture's data in its own address; an address that leads elsewhere is read as text, if at all. */
function dataLength(url: unknown): number {
  return typeof url === 'string' && url.startsWith('data:') ? url.length : 0;
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : 0;
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= 1e9
    ? value
    : undefined;
}
