/**
 * Passes a provider's stream on, event by event and byte for byte, and listens in.
 *
 * @module
 */
import { createParser } from 'eventsource-parser';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { ApiError } from '../server/api-error.ts';
import { CompletionAssembler } from './assemble-completion.ts';
import { Gone } from './gone.ts';
import { brokeOff, withoutSecrets } from './provider-errors.ts';
import { SseBlocks } from './sse-blocks.ts';

/** What was heard of a stream, at whatever point it ended. */
export interface Heard {
  /** The completion of what came; null where nothing did. */
  completion: JsonObject | null;
  /** The provider's usage as it wrote it; null where it sent none. */
  usage: unknown;
  /** `ok`: it came to its end; `error`: it broke off or told an error; `aborted`: nobody read on. */
  status: 'ok' | 'error' | 'aborted';
  /** Whether `[DONE]` has been passed on by now. */
  taken: () => boolean;
  /** When the first token came, by `performance.now()`. */
  firstTokenAt: number | undefined;
  error?: { code: string; message: string };
}

export interface RelayOptions {
  /** Take out the chunk that holds nothing but the usage. */
  stripUsage: boolean;
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
  { stripUsage, secret, heard }: RelayOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const blocks = new SseBlocks();
  const assembler = new CompletionAssembler();
  const events: string[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event.data) });
  let status: Heard['status'] = 'aborted';
  let done = false;
  let taken = false;
  let firstTokenAt: number | undefined;
  let error: { code: string; message: string } | undefined;
  let told: Promise<void> | undefined;

  /** Nothing that is said after the end changes what was heard. */
  const tell = () => {
    told ??= heard({
      completion: assembler.completion(),
      usage: assembler.usage,
      status,
      taken: () => taken,
      firstTokenAt,
      ...(error && { error }),
    });
    return told;
  };

  /** What to pass on of a block. */
  const listen = (block: Uint8Array, isWhole: boolean): Uint8Array | undefined => {
    const text = new TextDecoder().decode(block).replace(/\r\n?/g, '\n');
    events.length = 0;
    parser.feed(isWhole ? text : `${text}\n\n`);
    let passedOn: Uint8Array | undefined = block;
    for (const data of events) {
      if (data.trim() === '[DONE]') {
        done = true;
        continue;
      }
      const chunk = parseJson(data);
      if (!isObject(chunk)) continue;
      if (chunk.error != null) {
        const message = withoutSecrets(messageOf(chunk.error), secret);
        error = { code: 'provider_stream_error', message };
        if (secret !== undefined && text.includes(secret))
          passedOn = errorEvent(message, 'provider_stream_error');
        continue;
      }
      assembler.add(chunk);
      if (firstTokenAt === undefined && hasToken(chunk)) firstTokenAt = performance.now();
      if (stripUsage && isUsageAlone(chunk)) passedOn = undefined;
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
    if (!error && !done && !assembler.finished) {
      error = { code: 'provider_unfinished', message: 'The stream ended before the answer did.' };
    }
    status = error ? 'error' : 'ok';
    await tell();
    if (last) {
      taken ||= done;
      yield last;
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

function messageOf(error: unknown): string {
  if (typeof error === 'string') return error;
  return isObject(error) && typeof error.message === 'string' ? error.message : brokeOff().message;
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
