// What comes from outside may be anything: it is read, or refused in the way that it is meant to be refused.

import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../config/parse-config.ts';
import { ApiError } from '../server/api-error.ts';
import { readRequest } from '../server/read-request.ts';
import { chatProtocol } from '../upstream/protocols/chat.ts';
import { relayStream } from '../upstream/relay-stream.ts';
import { SseBlocks } from '../upstream/sse-blocks.ts';

/** Bytes in pieces, cut anywhere. */
function pieces(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
}

const cuts = fc.array(fc.nat(), { maxLength: 12 });

test('any request body is read as what it is, or refused with a 4xx', async () => {
  const json = fc.json({ maxDepth: 4 });
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    json.map((text) => Buffer.from(text)),
    fc.tuple(json, fc.nat(), fc.nat({ max: 255 })).map(([text, at, byte]) => {
      const bytes = Buffer.from(text);
      if (bytes.length > 0) bytes[at % bytes.length] = byte;
      return bytes;
    }),
    fc.nat({ max: 600 }).map((depth) => Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}`)),
    fc.nat({ max: 600 }).map((depth) => Buffer.from(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)),
  );
  await fc.assert(
    fc.asyncProperty(body, cuts, async (bytes, where) => {
      const incoming = Object.assign(new PassThrough(), { headers: {} });
      const reading = readRequest(incoming as unknown as IncomingMessage, 10_000).catch(
        (error: unknown) => error,
      );
      for (const piece of pieces(bytes, where)) incoming.write(piece);
      incoming.end();
      const read = await reading;
      if (read instanceof ApiError) {
        expect([400, 413]).toContain(read.status);
        expect(read.message).toMatch(/^The request body .*\.$/);
      } else {
        const { text, request } = read as Awaited<ReturnType<typeof readRequest>>;
        expect(Buffer.from(text).equals(bytes) || text === new TextDecoder().decode(bytes)).toBe(true);
        expect(request).toEqual(JSON.parse(text));
      }
    }),
    { numRuns: 400 },
  );
});

/** Text that looks like a stream of events, with every kind of line end and the odd byte. */
const stream = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'data: ',
        'data:',
        'event: x',
        'id: 1',
        'retry: 5',
        ':',
        ': keep-alive',
        'data',
        '[DONE]',
        'data: [DONE]',
      ),
      fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\r\n\r\n', '\r\r', '\n\r\n'),
      fc.constantFrom(
        '{"choices":[{"index":0,"delta":{"content":"a"}}]}',
        '{"error":{"message":"no"}}',
        '{}',
        '[',
        'ü€😀',
        '\uFEFF',
        '\0',
      ),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.from(parts.join('')));

/** The data of each event, as eventsource-parser reads it. */
function eventsOf(...texts: string[]): string[] {
  const events: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => events.push(data) });
  for (const text of texts) parser.feed(text);
  return events;
}

/** The parser takes a lone carriage return for the half of a line end; a browser doesn't. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const normal = (bytes: Uint8Array) => decoder.decode(bytes).replace(/\r\n?/g, '\n');

test('a stream cut into blocks is the stream, and each block is whole events, wherever it was cut on its way', () => {
  fc.assert(
    fc.property(stream, cuts, (bytes, where) => {
      const blocks = new SseBlocks();
      const given = pieces(bytes, where).flatMap((piece) => blocks.push(piece));
      expect(Buffer.concat([...given, blocks.rest()]).equals(bytes)).toBe(true);
      // One after another they say what all together say.
      const apart = eventsOf(...given.map(normal));
      expect(apart).toEqual(eventsOf(normal(Buffer.concat(given))));
      // And nothing that a client would act on is held back.
      if (!/\r$/.test(new TextDecoder().decode(bytes))) expect(apart).toEqual(eventsOf(normal(bytes)));
    }),
    { numRuns: 1_000 },
  );
});

test('a relayed stream says what the provider said, event by event, and ends once, whatever it was', async () => {
  await fc.assert(
    fc.asyncProperty(stream, cuts, async (bytes, where) => {
      const endings: { status: string; code: string | undefined }[] = [];
      async function* body() {
        yield* pieces(bytes, where);
      }
      const out: Uint8Array[] = [];
      for await (const piece of relayStream(body(), {
        protocol: chatProtocol,
        stripUsage: false,
        secret: undefined,
        heard: async ({ status, error }) => void endings.push({ status, code: error?.code }),
      }))
        out.push(piece);
      expect(endings).toHaveLength(1);
      const { status, code } = endings[0]!;
      expect(['ok', 'error']).toContain(status);
      const said = Buffer.concat(out);
      expect(said.subarray(0, bytes.length).equals(bytes)).toBe(true);
      // What ended before its answer did is told so, in an event of its own; else nothing is added.
      const added = said.subarray(bytes.length).toString().trim();
      if (code === 'provider_unfinished')
        expect(added).toMatch(/^data: \{"error":.*"provider_unfinished"\}\}$/);
      else expect(added).toBe('');
    }),
    { numRuns: 500 },
  );
});

const good = () => ({
  dataDirectory: '.kolben',
  host: '127.0.0.1',
  port: 4141,
  allowedHosts: ['ai.example.org'],
  providers: {
    acme: {
      baseUrl: 'https://api.acme.example/v1',
      apiKeyEnv: 'ACME_KEY',
      jurisdiction: 'EU',
      prices: { large: { inputPerMillion: 1, outputPerMillion: 2 } },
    },
  },
  tasks: {
    mail: {
      kind: 'classify',
      teacher: 'acme/large',
      route: 'teacher',
      labels: ['ham', 'spam'],
      redaction: { off: 'all texts are made up' },
    },
  },
  limits: { bodyBytes: 1_000 },
  redaction: { countries: ['AT'], patterns: [{ name: 'customer', pattern: 'K-\\d+' }] },
  redact: (text: string) => text,
  retention: { textDays: 30 },
});

function isReadOrRefused(value: unknown): void {
  let error: unknown;
  try {
    expect(parseConfig(value).tasks).toBeTypeOf('object');
  } catch (caught) {
    error = caught;
  }
  if (error === undefined) return;
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).message).toMatch(/^In the configuration, [^\n]+\.$/);
}

const odd = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    maxDepth: 2,
  }),
  fc.constantFrom<unknown>(
    '',
    '/',
    'a/b',
    '__proto__',
    'constructor',
    -1,
    1e308,
    Number.NaN,
    () => {},
    Symbol('x'),
    /x/,
    '(',
    '[',
    'http://',
    'https://u:p@h/?q#f',
  ),
);

test('any value is a configuration or a ConfigError', () => {
  isReadOrRefused(good());
  fc.assert(fc.property(odd, isReadOrRefused), { numRuns: 500 });
});

test('so is one that is nearly right', () => {
  const paths: string[][] = [];
  const walk = (value: unknown, path: string[]) => {
    if (path.length > 0) paths.push(path);
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) walk(member, [...path, name]);
  };
  walk(good(), []);
  fc.assert(
    fc.property(
      fc.constantFrom(...paths),
      odd,
      fc.constantFrom('set', 'delete', 'add'),
      (path, value, how) => {
        const config = good();
        let parent = config as unknown as Record<string, unknown>;
        for (const part of path.slice(0, -1)) parent = parent[part] as Record<string, unknown>;
        const last = path.at(-1)!;
        if (how === 'set') parent[last] = value;
        else if (how === 'delete') delete parent[last];
        else Object.defineProperty(parent, `${last}x`, { value, enumerable: true, configurable: true });
        isReadOrRefused(config);
      },
    ),
    { numRuns: 1_000 },
  );
});
