import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SseBlocks } from './sse-blocks.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const text = (blocks: Uint8Array[]) => blocks.map((block) => Buffer.from(block).toString('utf8'));

test('an event comes out when its blank line has come in, and not before', () => {
  const blocks = new SseBlocks();
  expect(text(blocks.push(bytes('data: a\ndata: b\n')))).toEqual([]);
  expect(text(blocks.push(bytes('\ndata: c')))).toEqual(['data: a\ndata: b\n\n']);
  expect(text(blocks.push(bytes('\n\n')))).toEqual(['data: c\n\n']);
  expect(blocks.rest()).toHaveLength(0);
});

test('a comment between events goes out with its own line end', () => {
  const blocks = new SseBlocks();
  expect(text(blocks.push(bytes(': keep-alive\n')))).toEqual([': keep-alive\n']);
  expect(text(blocks.push(bytes('\ndata: a\n: inside\n\n')))).toEqual(['\n', 'data: a\n: inside\n\n']);
});

test('what has no end yet is the rest', () => {
  const blocks = new SseBlocks();
  blocks.push(bytes('data: a\n\ndata: ha'));
  blocks.push(bytes('lf'));
  expect(Buffer.from(blocks.rest()).toString()).toBe('data: half');
});

test('however a stream is cut into chunks and whatever its line ends, no byte is lost and no event is split', () => {
  const line = fc.oneof(
    fc.constantFrom('', 'data: x', 'data:', ': comment', 'event: ping', 'id: 1', 'data: [DONE]'),
    fc.string({ unit: 'grapheme', maxLength: 6 }).map((value) => `data: ${value.replace(/[\r\n]/g, '')}`),
  );
  const lines = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 14 });
  fc.assert(
    fc.property(lines, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 80 }), (parts, cuts) => {
      const stream = Buffer.from(parts.map(([content, end]) => content + end).join(''));
      const blocks = new SseBlocks();
      const out: Uint8Array[] = [];
      let from = 0;
      for (const cut of [...cuts, stream.length]) {
        out.push(...blocks.push(stream.subarray(from, from + cut)));
        from = Math.min(stream.length, from + cut);
      }
      expect(Buffer.concat([...out, blocks.rest()]).equals(stream)).toBe(true);

      // The same events, whether the parser gets the whole stream or block by block.
      const events = (pieces: string[]) => {
        const seen: string[] = [];
        const parser = createParser({
          onEvent: ({ data, event, id }) => seen.push(JSON.stringify([data, event, id])),
        });
        for (const piece of pieces) parser.feed(piece.replace(/\r\n?/g, '\n'));
        return seen;
      };
      const complete = Buffer.concat(out).toString('utf8');
      expect(events(text(out))).toEqual(events([complete]));
    }),
  );
});
