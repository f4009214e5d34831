/**
 * Writes an answer to the client.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, HeaderList } from './answer.ts';
import { standardHeaders } from './standard-headers.ts';

/** How long a request that nobody reads on may go on, milliseconds. */
const unreadMs = 500;

export interface WriteOptions {
  /** How long the client may leave pieces of a stream unread before it counts as gone, milliseconds. */
  stalledMs: number;
  /** The connection is not to be used again. */
  last: boolean;
}

/** Resolves when everything has been handed to the connection, or the client has gone; never rejects. */
export async function writeAnswer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { status, headers, body }: Answer,
  { stalledMs, last }: WriteOptions,
): Promise<void> {
  // A body that was refused before its end, or wasn't wanted at all.
  if (!incoming.complete) outgoing.once('finish', () => leaveUnread(incoming));
  const isWhole = body === null || typeof body === 'string';
  if (!outgoing.destroyed) {
    const length = isWhole ? Buffer.byteLength(body ?? '') : undefined;
    outgoing.writeHead(status, headList(headers, length, last));
    if (isWhole) outgoing.end(body ?? undefined);
  }
  if (!isWhole) await writePieces(outgoing, body, stalledMs);
}

const standardList: HeaderList = Object.entries(standardHeaders).flat();

function headList(headers: HeaderList, length: number | undefined, last: boolean): string[] {
  const list = standardList.concat(headers);
  if (length !== undefined) list.push('content-length', String(length));
  if (last) list.push('connection', 'close');
  return list;
}

async function writePieces(
  outgoing: ServerResponse,
  pieces: AsyncGenerator<Uint8Array, void, undefined>,
  stalledMs: number,
): Promise<void> {
  // The head goes out with the first piece where that is there already, and by itself where it isn't.
  let isOut = false;
  const head = setImmediate(() => {
    if (!isOut && !outgoing.destroyed) outgoing.flushHeaders();
  });
  try {
    // Also where the client has left: a generator that was never begun would never come to its end either.
    for await (const piece of pieces) {
      isOut = true;
      if (outgoing.destroyed) return;
      if (!outgoing.write(piece)) await drained(outgoing, stalledMs);
    }
    outgoing.end();
  } catch {
    // It can't be told any more: the head is out. A connection that breaks off isn't mistaken for an end.
    outgoing.destroy();
  } finally {
    clearImmediate(head);
  }
}

/** Resolves when the client has taken what there was, or is gone. */
function drained(outgoing: ServerResponse, stalledMs: number): Promise<void> {
  return new Promise((resolve) => {
    const clock = setTimeout(() => outgoing.destroy(), stalledMs);
    const settle = () => {
      clearTimeout(clock);
      outgoing.off('drain', settle);
      outgoing.off('close', settle);
      resolve();
    };
    outgoing.on('drain', settle);
    outgoing.on('close', settle);
    if (outgoing.closed) settle();
  });
}

/**
 * Takes the rest of a request and forgets it, for a moment: a connection that is closed with bytes unread is reset,
 * and the client may never see its answer.
 */
function leaveUnread(incoming: IncomingMessage): void {
  if (incoming.complete || incoming.destroyed) return;
  const clock = setTimeout(() => incoming.socket.destroySoon(), unreadMs);
  incoming.once('close', () => clearTimeout(clock));
  incoming.resume();
}
