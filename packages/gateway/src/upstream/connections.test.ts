import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Connections, LostConnection, type Times } from './connections.ts';
import { Gone } from './gone.ts';

/** A server on bare sockets, which says exactly what the test has it say. */
async function provider(serve: (socket: Socket, request: string, number: number) => void) {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    let number = 0;
    socket.on('data', (bytes) => {
      requests.push(bytes.toString());
      number += 1;
      serve(socket, bytes.toString(), number);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connections = new Connections();
  onTestFinished(async () => {
    connections.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`);
  const gone = new AbortController();
  const post = (times: Partial<Times> = {}) =>
    connections.post({
      url,
      headers: { authorization: 'Bearer sk' },
      body: '{}',
      signal: gone.signal,
      times: { connectMs: 10_000, firstByteMs: 10_000, silenceMs: 10_000, ...times },
      tooSlow: () => new Error('too slow'),
    });
  return { post, sockets, requests, leave: () => gone.abort() };
}

const answer = (body: string, more = '') =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n${more}\r\n${body}`;

async function read(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

test('a connection is kept and used again; calls at once have one each', async () => {
  const { post, sockets, requests } = await provider((socket) => socket.write(answer('{"a":1}')));
  for (let i = 0; i < 3; i++) expect(await read((await post()).body)).toBe('{"a":1}');
  expect(sockets.size).toBe(1);
  expect(requests[0]).toMatch(/^POST \/v1\/chat\/completions HTTP\/1\.1\r\n/);
  await Promise.all([post(), post()].map(async (reply) => read((await reply).body)));
  expect(sockets.size).toBe(2);
});

test('redirects and early hints: the first is an answer like any other, the second is none', async () => {
  const { post } = await provider((socket, _request, number) =>
    socket.write(
      number === 1
        ? 'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n'
        : `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${answer('{}')}`,
    ),
  );
  const moved = await post();
  expect([moved.status, moved.headers.location]).toEqual([302, 'http://127.0.0.1:1/']);
  await read(moved.body);
  expect((await post()).status).toBe(200);
});

test('a kept connection that is lost under a call says so, a new one too', async () => {
  const { post } = await provider((socket, _request, number) => {
    if (number === 1) socket.write(answer('{}'));
    else socket.destroy();
  });
  await read((await post()).body);
  const again = await post().catch((error: unknown) => error);
  expect(again).toBeInstanceOf(LostConnection);
  expect(again).toMatchObject({ wasKept: true });
  const { post: fresh } = await provider((socket) => socket.destroy());
  expect(await fresh().catch((error: unknown) => error)).toMatchObject({ wasKept: false });
});

test('an answer that ends before its length is no answer', async () => {
  const { post } = await provider((socket) => {
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{');
  });
  const { body } = await post();
  await expect(read(body)).rejects.toThrow();
});

test('all of an answer at once: whole, broken off, silent in the middle, or larger than it may be', async () => {
  const tooLarge = () => new Error('too large');
  const large = 'x'.repeat(300_000);
  let asked = 0;
  const { post, sockets } = await provider((socket) => {
    asked += 1;
    if (asked <= 2) socket.write(answer(large));
    else if (asked === 3) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{');
    else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{');
  });
  const whole = async (most: number, silenceMs = 60_000) =>
    (await (await post({ silenceMs })).whole(most, tooLarge)).toString();
  expect(await whole(large.length)).toBe(large);
  await expect(whole(large.length - 1)).rejects.toThrow('too large');
  await expect(whole(large.length)).rejects.toThrow();
  await expect(whole(large.length, 20)).rejects.toThrow('too slow');
  await until(() => sockets.size === 0);
});

test('silence before and within an answer ends it, and the connection with it', async () => {
  const { post, sockets } = await provider((socket, _request, number) => {
    if (number === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{');
  });
  const { body } = await post({ silenceMs: 20 });
  await expect(read(body)).rejects.toThrow('too slow');
  await until(() => sockets.size === 0);
  const { post: silent, sockets: theirs } = await provider(() => {});
  await expect(silent({ firstByteMs: 20 })).rejects.toThrow('too slow');
  await until(() => theirs.size === 0);
});

test('the clock stands still while nobody reads', async () => {
  const { post } = await provider((socket) => socket.write(answer('{}')));
  const { body } = await post({ silenceMs: 20 });
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(await read(body)).toBe('{}');
});

test('who gives up has the connection closed at once: before an answer, within it, and by reading no further', async () => {
  const waiting = await provider(() => {});
  const asked = waiting.post();
  await until(() => waiting.requests.length === 1);
  waiting.leave();
  await expect(asked).rejects.toBeInstanceOf(Gone);
  await until(() => waiting.sockets.size === 0);
  await expect(waiting.post()).rejects.toBeInstanceOf(Gone);
  expect(waiting.requests).toHaveLength(1);

  const begun = await provider((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'));
  const { body } = await begun.post();
  const reading = read(body);
  begun.leave();
  await expect(reading).rejects.toBeInstanceOf(Gone);
  await until(() => begun.sockets.size === 0);

  const left = await provider((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'));
  for await (const _ of (await left.post()).body) break;
  await until(() => left.sockets.size === 0);
});

test('a reader that is slow makes the provider wait', async () => {
  const size = 64 << 20;
  const { post, sockets } = await provider((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
    socket.write(Buffer.alloc(size));
  });
  const { body } = await post();
  const first = await body.next();
  await until(() => [...sockets][0]!.writableLength > 0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  // What isn't read stays with the provider, but for what the system's buffers hold.
  expect([...sockets][0]!.writableLength).toBeGreaterThan(size / 2);
  let bytes = first.value?.length ?? 0;
  for await (const piece of body) bytes += piece.length;
  expect(bytes).toBe(size);
});
