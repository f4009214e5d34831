import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KnownPieces } from './known-pieces.ts';

test('a piece is found wherever it stands by itself', () => {
  const known = new KnownPieces();
  known.add('LZ4N0T5R8', '[id]');
  known.add('+43 (0)664 123', '[phone]');
  known.add('664', '[short]');
  expect(known.takenOutOf('LZ4N0T5R8,+43 (0)664 123.664 6640 XLZ4N0T5R8 LZ4N0T5R8')).toBe(
    '[id],[phone].[short] 6640 XLZ4N0T5R8 [id]',
  );
  expect(new KnownPieces().takenOutOf('664')).toBe('664');
});

test('none of the pieces is left, and the rest is', () => {
  const word = fc.stringMatching(/^[A-Z0-9]{1,4}$/);
  const piece = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 5 }),
      fc.array(word, { maxLength: 8 }),
      (pieces, words) => {
        const known = new KnownPieces();
        for (const one of pieces) known.add(one, '[x]');
        const text = words.join(', ');
        const expected = words.map((one) => (pieces.includes(one) ? '[x]' : one)).join(', ');
        expect(known.takenOutOf(text)).toBe(expected);
        for (const one of pieces) expect(known.takenOutOf(`(${one})`)).toBe('([x])');
      },
    ),
    { numRuns: 300 },
  );
});

test('hundreds of thousands of pieces take no long time', () => {
  const known = new KnownPieces();
  const numbers = Array.from({ length: 200_000 }, (_, i) => `A ${1_000_000 + i}`);
  for (const number of numbers) known.add(number, '[id]');
  expect(known.takenOutOf(numbers.join('\n'))).toBe(numbers.map(() => '[id]').join('\n'));
});
