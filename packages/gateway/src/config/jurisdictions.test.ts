import { expect, test } from 'vitest';
import { permits } from './jurisdictions.ts';

test.each<[object | undefined, string | undefined, boolean]>([
  [undefined, undefined, true],
  [{}, undefined, true],
  [undefined, 'CN', true],
  [{ only: ['EU'] }, 'EU', true],
  [{ only: ['EU'] }, 'AT', true],
  [{ only: ['EU'] }, 'CH', false],
  [{ only: ['EU'] }, 'GB', false],
  [{ only: ['EU', 'CH'] }, 'CH', true],
  [{ only: ['EU'] }, undefined, false],
  // "Somewhere in the EU" isn't "in Austria".
  [{ only: ['AT'] }, 'EU', false],
  [{ only: ['AT'] }, 'AT', true],
  [{ not: ['US'] }, 'US', false],
  [{ not: ['US'] }, 'DE', true],
  [{ not: ['US'] }, undefined, false],
  [{ not: ['EU'] }, 'DE', false],
  // But it may be in Hungary.
  [{ not: ['HU'] }, 'EU', false],
  [{ not: ['HU'] }, 'DE', true],
  [{ only: ['EU'], not: ['HU'] }, 'HU', false],
  [{ only: ['EU'], not: ['HU'] }, 'DE', true],
])('the fence %j and %s: %s', (fence, place, permitted) => {
  expect(permits(fence, place)).toBe(permitted);
});
