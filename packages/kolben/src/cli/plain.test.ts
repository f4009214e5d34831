import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plain } from './plain.ts';

describe('plain', () => {
  it('keeps words, whatever their alphabet', () => {
    expect(plain('Grüße, 免費, עברית')).toBe('Grüße, 免費, עברית');
  });

  it('makes one harmless line of what would move the cursor, colour, ring or reorder', () => {
    expect(plain('a\u001B[2J\u0007b\nc\u202Ed')).toBe('a [2J b c d');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plain(text)).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
      }),
    );
  });

  it('cuts by characters, not in the middle of one', () => {
    expect(plain('😀😀😀😀', 3)).toBe('😀😀…');
  });
});
