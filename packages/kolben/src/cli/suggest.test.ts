import { describe, expect, it } from 'vitest';
import { suggest } from './suggest.ts';

describe('suggest', () => {
  it('finds what was meant', () => {
    expect(suggest('distil', ['distill', 'eval', 'answer'])).toBe('distill');
    expect(suggest('evla', ['distill', 'eval', 'answer'])).toBe('eval');
  });

  it('stays silent where nothing is near', () => {
    expect(suggest('banana', ['distill', 'eval', 'answer'])).toBeUndefined();
    expect(suggest('x', ['up'])).toBeUndefined();
  });
});
