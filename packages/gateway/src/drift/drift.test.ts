import { openStore } from '@kolben/store';
import { expect, onTestFinished, test } from 'vitest';
import { keep, type LoggedEvent, newFolder } from '../testing/gateway-in-test.ts';
import { DriftCounter } from './drift-counter.ts';
import { findDrift, noteDrift } from './find-drift.ts';

const calibrated = {
  n: 400,
  confidence: [0, 0, 0, 0, 0, 0.05, 0.05, 0.1, 0.2, 0.6],
  unknownGrams: [0.8, 0.15, 0.05, 0, 0, 0, 0, 0, 0, 0],
};
const student = { id: 's1', digest: 'd1', calibrated };
const now = new Date(Date.UTC(2020, 10, 28, 12));

async function counting(confidences: readonly number[], unknown: readonly number[] = []) {
  const store = await openStore({ directory: newFolder() });
  onTestFinished(() => store.close());
  const events: LoggedEvent[] = [];
  const counter = new DriftCounter(store, keep(events), () => 0.1);
  for (const value of confidences) counter.count('mail', student, 'confidence', value, now);
  for (const value of unknown) counter.count('mail', student, 'unknownGrams', value, now);
  await counter.flush();
  const question = { task: 'mail', student, calibrated, threshold: 0.1, now };
  return { store, events, question, found: await findDrift(store, question) };
}

/** 200 values, spread as the calibration split's are. */
const alike = calibrated.confidence.flatMap((share, bin) =>
  new Array<number>(share * 200).fill((bin + 0.5) / 10),
);

test('calls like those of the calibration split have not drifted', async () => {
  const { found, store, question } = await counting(alike, [
    ...new Array(160).fill(0.02),
    ...new Array(30).fill(0.15),
    0.2,
  ]);
  expect(found).toMatchObject({
    confidence: { n: 200, drifted: false, before: calibrated.confidence },
    drifted: [],
    days: [{ day: '2020-11-28', histograms: { confidence: expect.any(Array) } }],
  });
  expect(found.confidence!.divergence).toBeCloseTo(0, 6);
  expect(await noteDrift(store, question, found)).toBe(false);
  expect(await store.events.list()).toEqual([]);
});

test('calls of another kind are told of, once a day', async () => {
  const { found, store, question } = await counting(new Array(150).fill(0.35), new Array(150).fill(0.75));
  expect(found.drifted).toEqual(['confidence', 'unknownGrams']);
  expect(found.confidence!.means.now).toBeCloseTo(0.35);
  expect(await noteDrift(store, question, found)).toBe(true);
  expect(await noteDrift(store, question, found)).toBe(false);
  const tomorrow = { ...question, now: new Date(now.getTime() + 86_400_000) };
  expect(await noteDrift(store, tomorrow, found)).toBe(true);
  expect(await store.events.list()).toMatchObject([
    {
      what: 'inputs_drifted',
      student: 's1',
      detail: { threshold: 0.1, confidence: found.confidence!.divergence },
    },
    { what: 'inputs_drifted' },
  ]);
  expect((await findDrift(store, { ...tomorrow, days: 1 })).confidence).toBeNull();
});

test('few calls, or a folder that tells nothing, are no drift', async () => {
  const { found, store, question } = await counting(new Array(50).fill(0.35));
  expect(found).toMatchObject({ confidence: { n: 50, drifted: true }, unknownGrams: null, drifted: [] });
  expect((await findDrift(store, { ...question, calibrated: undefined })).confidence).toBeNull();
});
