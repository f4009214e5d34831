/**
 * Passes a provider's stream on, event by event and byte for byte, and listens in.
 *
 * @module
 */
import { createParser } from 'eventsource-parser';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { ApiError } from '../server/api-error.ts';
import { Gone } from './gone.ts';
import type { Protocol } from './protocols/protocol.ts';
import { brokeOff, withoutSecrets } from './provider-errors.ts';
import { SseBlocks } from './sse-blocks.ts';

/** What was heard of a stream, at whatever point it ended. */
export interface Heard {
  /** The answer as far as it came; null where nothing did. */
  answer: JsonObject | null;
  /** `ok`: it came to its end; `error`: it broke off or told an error; `aborted`: nobody read on. */
  status: 'ok' | 'error' | 'aborted';
  /** Whether the end has been passed on by now: `[DONE]`, or the event that the endpoint ends with. */
  taken: () => boolean;
  /** When the first token came, by `performance.now()`. */
  firstTokenAt: number | undefined;
  error?: { code: string; message: string };
}

export interface RelayOptions {
  protocol: Protocol;
  /** Take out the chunk that holds nothing but the usage. */
  stripUsage: boolean;
  /** What is said, as the client knows it from another provider; undefined: as it is. */
  translate?: (chunk: JsonObject) => JsonObject | undefined;
  /** The provider's key, which must not come through in an error. */
  secret: string | undefined;
  /** Told once, at the end, however it ended. The end is not passed on before it resolves. */
  heard: (heard: Heard) => Promise<void>;
}

/**
 * The bytes for the client.
 *
 * Whole events are passed on as soon as they are whole. A stream that breaks off ends with an event that holds an
 * OpenAI error object, which OpenAI's clients throw; it never ends as if it were complete.
 */
export async function* relayStream(
  body: AsyncIterable<Uint8Array>,
  { protocol, stripUsage, translate, secret, heard }: RelayOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const blocks = new SseBlocks();
  const listener = protocol.listen();
  const events: string[] = [];
  // A byte order mark is one at the beginning of the stream alone, and there the parser knows it.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const parser = createParser({ onEvent: (event) => events.push(event.data) });
  let status: Heard['status'] = 'aborted';
  let done = false;
  let firstTokenAt: number | undefined;
  let error: { code: string; message: string } | undefined;
  let taken = false;
  let told: Promise<void> | undefined;

  /** Nothing that is said after the end changes what was heard. */
  const tell = () => {
    told ??= heard({
      answer: listener.answer(),
      status,
      taken: () => taken,
      firstTokenAt,
      ...(error && { error }),
    });
    return told;
  };

  /** What to pass on of a block. */
  const listen = (block: Uint8Array, isWhole: boolean): Uint8Array | undefined => {
    const text = decoder.decode(block).replace(/\r\n?/g, '\n');
    events.length = 0;
    parser.feed(isWhole ? text : `${text}\n\n`);
    let passedOn: Uint8Array | undefined = block;
    for (const data of events) {
      if (data.trim() === '[DONE]') {
        done = true;
        continue;
      }
      const said = parseJson(data);
      if (!isObject(said)) continue;
      const translated = translate?.(said);
      const chunk = translated ?? said;
      if (translated) passedOn = Buffer.from(`data: ${JSON.stringify(translated)}\n\n`);
      const { hasToken, isUsageAlone, isEnd, error: complaint } = listener.hear(chunk);
      if (isEnd) done = true;
      if (complaint !== undefined) {
        const message = withoutSecrets(complaint === '' ? brokeOff().message : complaint, secret);
        error = { code: 'provider_stream_error', message };
        if (secret !== undefined && text.includes(secret))
          passedOn = errorEvent(message, 'provider_stream_error');
        continue;
      }
      if (firstTokenAt === undefined && hasToken) firstTokenAt = performance.now();
      if (stripUsage && isUsageAlone) passedOn = undefined;
    }
    return passedOn;
  };

  try {
    for await (const bytes of body) {
      const passedOn: Uint8Array[] = [];
      for (const block of blocks.push(bytes)) {
        const wasDone = done;
        const heardBlock = listen(block, true);
        if (done && !wasDone) {
          // The mark of the end: what came before it need not wait for what it has to wait for.
          if (passedOn.length > 0) yield Buffer.concat(passedOn.splice(0));
          status = error ? 'error' : 'ok';
          await tell();
          taken = true;
        }
        if (heardBlock) passedOn.push(heardBlock);
      }
      if (passedOn.length > 0) yield Buffer.concat(passedOn);
    }
    const rest = blocks.rest();
    const last = rest.length > 0 ? listen(rest, false) : undefined;
    const isUnfinished = !error && !done && !listener.isFinished;
    const unfinished = { code: 'provider_unfinished', message: 'The stream ended before the answer did.' };
    if (isUnfinished) error = unfinished;
    status = error ? 'error' : 'ok';
    await tell();
    if (last) {
      taken ||= done;
      yield last;
    }
    if (isUnfinished) {
      // An event that was left open must not swallow this one.
      if (last) yield Buffer.from('\n\n');
      yield errorEvent(unfinished.message, unfinished.code);
    }
  } catch (caught) {
    // What goes wrong after the mark of the end is of no concern to anybody.
    if (caught instanceof Gone || told) return;
    const { code, message } = caught instanceof ApiError ? caught : brokeOff();
    status = 'error';
    error = { code, message };
    await tell();
    yield errorEvent(message, code);
  } finally {
    // A client that leaves with the end of its stream in hand has not left too early.
    if (status === 'aborted' && done && !error) status = 'ok';
    await tell();
  }
}

function errorEvent(message: string, code: string): Uint8Array {
  const error = new ApiError(502, code, message, { type: 'provider_error' });
  return Buffer.from(`data: ${JSON.stringify(error.body())}\n\n`);
}
