import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toNanoUsd } from '../integers.ts';
import { Seal } from '../seal/seal.ts';
import { newCall } from '../testing/new-call.ts';
import { callStatuses, type LaterFacts, type NewCall } from './call.ts';
import { fromRow, type JoinedRow, toOpenCall, withLater } from './call-row.ts';
import { type CallRows, packCall, packRows, unpackCall } from './packed-call.ts';

const seal = new Seal(Buffer.alloc(32, 3));

const toRows = (call: NewCall): CallRows => unpackCall(packCall(toOpenCall(call), seal).body);

/** The call that the database would give back. */
const read = ({ figures, texts }: CallRows) =>
  fromRow({ ...figures, ...texts } as unknown as JoinedRow, seal);

const word = fc.record({
  id: fc.string(),
  answer: fc.string({ unit: 'grapheme' }),
  confidence: fc.double({ min: 0, max: 1, noNaN: true }),
  certified: fc.boolean(),
});
const facts: fc.Arbitrary<LaterFacts> = fc.record(
  {
    status: fc.constantFrom(...callStatuses),
    student: fc.option(word),
    agreed: fc.option(fc.boolean()),
  },
  { requiredKeys: [] },
);

test('what becomes known later makes the rows that the whole call would have made', () => {
  fc.assert(
    fc.property(facts, facts, (first, later) => {
      const call = newCall({ ...first, id: 'call_1' });
      const patched = withLater(toRows(call), later, seal);
      const made = toRows({ ...call, ...later });
      expect(patched.figures).toEqual(made.figures);
      expect(read(patched)).toEqual(read(made));
      // Nonces are random, lengths are not.
      expect(patched.bytes).toBe(made.bytes);
      expect(patched.texts.bytes).toBe(made.texts.bytes);
      expect(unpackCall(packRows(patched).body)).toEqual(patched);
    }),
  );
});

test('what can’t be stored is refused later too', () => {
  const rows = toRows(newCall());
  const student = { id: 's', answer: 'ham', confidence: Number.NaN, certified: true };
  expect(() => withLater(rows, { student }, seal)).toThrow('student.confidence');
  expect(() => withLater(rows, { status: 'gone' as 'ok' }, seal)).toThrow('status');
});

test('money beyond 2^53 nano-USD is packed to the last of them', () => {
  const cost = 123_456_789.123;
  const { figures } = toRows(newCall({ cost, teacherCost: cost }));
  expect(figures.cost_nano_usd).toBe(toNanoUsd(cost, 'cost'));
  expect(figures.cost_nano_usd).toBeTypeOf('bigint');
});
