/**
 * Puts the events of a streamed response together to the response that a plain call would have got.
 *
 * The last event holds the whole of it (`response.completed`, `.incomplete`, `.failed`). Only where a stream is cut off
 * before it, the pieces count: finished items as they came, of an unfinished one its texts.
 *
 * @module
 */
import { isObject, type JsonObject } from '../../json.ts';
import { wordsOf } from './chat.ts';
import type { HeardEvent, StreamListener } from './protocol.ts';

/** Where the pieces of a text belong in an item, by the event that brings them. */
const places: Readonly<Record<string, { list: 'content' | 'summary'; type: string; key: string }>> = {
  'response.output_text.delta': { list: 'content', type: 'output_text', key: 'text' },
  'response.refusal.delta': { list: 'content', type: 'refusal', key: 'refusal' },
  'response.reasoning_text.delta': { list: 'content', type: 'reasoning_text', key: 'text' },
  'response.reasoning_summary_text.delta': { list: 'summary', type: 'summary_text', key: 'text' },
};

/** Events whose pieces belong to a member of the item itself. */
const members: Readonly<Record<string, string>> = {
  'response.function_call_arguments.delta': 'arguments',
  'response.custom_tool_call_input.delta': 'input',
  'response.mcp_call_arguments.delta': 'arguments',
  'response.code_interpreter_call_code.delta': 'code',
};

/** More items or parts than any response has; an index beyond is nonsense. */
const mostPlaces = 10_000;

export class ResponseAssembler implements StreamListener {
  #response: JsonObject | null = null;
  #isFinished = false;
  readonly #items = new Map<number, JsonObject>();

  get isFinished(): boolean {
    return this.#isFinished;
  }

  hear(event: JsonObject): HeardEvent {
    const { type } = event;
    if (type === 'error') {
      const error = wordsOf(event.error ?? event);
      return { hasToken: false, isUsageAlone: false, error };
    }
    if (isObject(event.response)) this.#response = event.response;
    const index = placeOf(event.output_index);
    if (type === 'response.output_item.added' || type === 'response.output_item.done') {
      if (index !== undefined && isObject(event.item)) this.#items.set(index, structuredClone(event.item));
    }
    const hasToken = typeof event.delta === 'string' && event.delta !== '';
    if (hasToken && index !== undefined && typeof type === 'string')
      this.#addPiece(type, index, event, event.delta as string);
    const isEnd =
      type === 'response.completed' || type === 'response.incomplete' || type === 'response.failed';
    if (isEnd) this.#isFinished = true;
    const failure = type === 'response.failed' && isObject(event.response) ? event.response.error : undefined;
    return {
      hasToken,
      isUsageAlone: false,
      isEnd,
      ...(type === 'response.failed' && { error: wordsOf(failure) }),
    };
  }

  answer(): JsonObject | null {
    if (this.#response === null && this.#items.size === 0) return null;
    if (this.#isFinished) return this.#response;
    const items = [...this.#items.entries()].sort(([a], [b]) => a - b).map(([, item]) => item);
    return { object: 'response', ...this.#response, output: items };
  }

  #addPiece(type: string, index: number, event: JsonObject, piece: string): void {
    let item = this.#items.get(index);
    if (!item) {
      item = {};
      this.#items.set(index, item);
    }
    const member = members[type];
    if (member !== undefined) {
      item[member] = (typeof item[member] === 'string' ? item[member] : '') + piece;
      return;
    }
    const place = places[type];
    if (!place) return;
    const at = placeOf(place.list === 'content' ? event.content_index : event.summary_index) ?? 0;
    const list: unknown[] = Array.isArray(item[place.list]) ? (item[place.list] as unknown[]) : [];
    item[place.list] = list;
    while (list.length <= at) list.push({ type: place.type, [place.key]: '' });
    const part = list[at];
    if (!isObject(part)) return;
    part[place.key] = (typeof part[place.key] === 'string' ? part[place.key] : '') + piece;
  }
}

function placeOf(index: unknown): number | undefined {
  const isPlace = typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < mostPlaces;
  return isPlace ? index : undefined;
}
