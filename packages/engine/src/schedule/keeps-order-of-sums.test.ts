import { expect, test } from 'vitest';
import { keepsOrderOfSums } from './keeps-order-of-sums.ts';
import { makeSchedule, scheduleNames } from './schedules.ts';
import { sequential } from './sequential.ts';
import { withExchanges } from './with-exchanges.ts';

test.each(scheduleNames)('%s keeps the order unless stages have copies', (name) => {
  const { schedule } = makeSchedule(name, { stages: 2, microbatches: 4 });
  expect(keepsOrderOfSums(schedule)).toBe(schedule.placement.length === 1);
});

test('it is kept neither where stages share parameters, nor where microbatches change places', () => {
  const one = sequential({ stages: 2, microbatches: 2 });
  expect(keepsOrderOfSums(one)).toBe(true);
  expect(keepsOrderOfSums(withExchanges(one, [[0, 1]]))).toBe(false);
  expect(keepsOrderOfSums({ ...one, chips: one.chips.map((list) => [...list].reverse()) })).toBe(false);
});
