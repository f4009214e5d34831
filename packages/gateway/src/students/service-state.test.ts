import { routes } from '@kolben/store';
import { expect, test } from 'vitest';
import { serviceState } from './service-state.ts';

test('a student is told to answer only where its answers go to clients', () => {
  const states = (of: object) =>
    routes.map((route) =>
      serviceState({ route, isCurrent: true, isWithdrawn: false, isCertified: true, ...of }),
    );
  expect(routes).toEqual(['teacher', 'shadow', 'cascade', 'student']);
  expect(states({})).toEqual(['unasked', 'shadowing', 'answering', 'answering']);
  expect(states({ isCertified: false })).toEqual(['unasked', 'shadowing', 'uncertified', 'answering']);
  expect(states({ isWithdrawn: true })).toEqual(['withdrawn', 'withdrawn', 'withdrawn', 'forced']);
  expect(states({ isCurrent: false, isWithdrawn: true })).toEqual(Array(4).fill('waiting'));
});
