/**
 * A provider that answers at once, in a process of its own: what a gateway adds is only seen where the teacher takes
 * no time. Speaks just enough HTTP, on bare sockets, since it shares the machine with what is measured. Prints the port
 * that it listens on and ends with its input.
 *
 * @module
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { answerHead, chunks, completion } from './exchange.ts';

const server = createServer({ noDelay: true }, serve);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();

const plain = Buffer.from(
  `${answerHead('application/json')}content-length: ${Buffer.byteLength(completion)}\r\n\r\n${completion}`,
);
const streamHead = `${answerHead('text/event-stream; charset=utf-8')}transfer-encoding: chunked\r\n\r\n`;
const pieces = chunks.map((chunk) => Buffer.from(`${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`));
const streamEnd = Buffer.from('0\r\n\r\n');

function serve(socket: Socket): void {
  let held: Buffer | undefined;
  socket.on('error', () => socket.destroy());
  socket.on('data', (piece: Buffer) => {
    let bytes = held ? Buffer.concat([held, piece]) : piece;
    for (;;) {
      const end = endOfRequest(bytes);
      if (end === undefined) break;
      answer(socket, bytes.toString('latin1', 0, end));
      bytes = bytes.subarray(end);
    }
    held = bytes.length > 0 ? bytes : undefined;
  });
}

/** Where the first request in these bytes ends; undefined: not yet. */
function endOfRequest(bytes: Buffer): number | undefined {
  const body = bytes.indexOf('\r\n\r\n') + 4;
  if (body < 4) return undefined;
  const head = bytes.toString('latin1', 0, body);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return bytes.length >= body + Number(length) ? body + Number(length) : undefined;
  // A client that doesn't know its own length sends chunks.
  const last = bytes.indexOf('0\r\n\r\n', body);
  return last === -1 ? undefined : last + 5;
}

function answer(socket: Socket, request: string): void {
  if (!/"stream": ?true/.test(request)) {
    socket.write(plain);
    return;
  }
  socket.write(streamHead);
  // One event a turn, as a model writes: what passes them on has to handle each by itself.
  const next = (n: number) => {
    if (socket.destroyed) return;
    if (n === pieces.length) {
      socket.write(streamEnd);
      return;
    }
    socket.write(pieces[n]);
    setImmediate(next, n + 1);
  };
  next(0);
}
