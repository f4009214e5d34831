import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitHidden } from './split-hidden.ts';

const codes = (text: string) => splitHidden(text).flatMap(({ code }) => code ?? []);

test('nothing of a text is lost or changed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const pieces = splitHidden(text);
      expect(pieces.map((piece) => piece.text).join('')).toBe(text);
      for (const { at, text: piece } of pieces) expect(text.slice(at, at + piece.length)).toBe(piece);
    }),
  );
});

test('control characters, marks of direction and what has no width are found', () => {
  for (const code of [
    ...[0x00, 0x07, 0x08, 0x0b, 0x0d, 0x1b, 0x7f, 0x85, 0x9b, 0xad, 0x061c],
    ...[0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069],
    ...[0x3164, 0xfeff, 0xfff9, 0xe0001, 0xe0041],
  ])
    expect(codes(`a${String.fromCodePoint(code)}b`), code.toString(16)).toEqual([
      `U+${code.toString(16).toUpperCase().padStart(4, '0')}`,
    ]);
  expect(codes('a\ud800b')).toEqual(['U+D800']);
});

test('what is seen is left alone: letters of all scripts, tabs, lines, emoji of several parts', () => {
  for (const text of [
    'Grüße\tund\nmehr\r\nZeilen',
    'مرحبا بالعالم',
    'שלום',
    '你好',
    'e\u0301',
    '👩‍👩‍👧 ❤️‍🔥 👍🏽 🏳️‍🌈',
    '👩🏽‍🚀',
  ])
    expect(codes(text), text).toEqual([]);
});
