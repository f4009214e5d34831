/**
 * Whether a task's calls in service still look as the calibration split did, and the event that says they don't.
 *
 * @module
 */
import { type Calibrated, type MeasuredDrift, measuredDrift } from '@kolben/distill';
import type { Store } from '@kolben/store';
import type { DriftMeasure } from './drift-measure.ts';

/** The event, as the store names it. */
export const inputsDrifted = 'inputs_drifted';

const dayMs = 24 * 60 * 60 * 1000;
/** Fewer calls than this say nothing. */
const fewest = 100;

export interface DriftQuestion {
  task: string;
  student: { id: string; digest: string };
  /** What the calibration split looked like; undefined: the student's folder doesn't tell. */
  calibrated: Calibrated | undefined;
  /** Bits beyond which inputs count as drifted. */
  threshold: number;
  /** How many days, today among them, are looked at. Default 7. */
  days?: number;
  now?: Date;
}

export interface DriftFound {
  /** Null where there is nothing to compare. */
  confidence: MeasuredDrift | null;
  unknownGrams: MeasuredDrift | null;
  /** The measures that are further from the calibration split's than the threshold allows and chance explains. */
  drifted: DriftMeasure[];
  /** By day, as counted: ten bins each. */
  days: { day: string; histograms: Record<string, number[]> }[];
}

export async function findDrift(
  store: Pick<Store, 'drift'>,
  { task, student, calibrated, threshold, days = 7, now = new Date() }: DriftQuestion,
): Promise<DriftFound> {
  const since = Math.floor(now.getTime() / dayMs) - days + 1;
  const counted = await store.drift.list(task, student.digest, { since });
  const measure = (name: DriftMeasure, before: readonly number[] | null | undefined) => {
    const sums = new Array<number>(10).fill(0);
    for (const { histograms } of counted)
      for (const [bin, n] of (histograms[name] ?? []).entries()) sums[bin]! += n;
    return measuredDrift(before, calibrated?.n ?? 0, sums);
  };
  const found = {
    confidence: measure('confidence', calibrated?.confidence),
    unknownGrams: measure('unknownGrams', calibrated?.unknownGrams),
  };
  const isDrifted = (one: MeasuredDrift | null) =>
    one !== null && one.n >= fewest && one.drifted && one.divergence > threshold;
  return {
    ...found,
    drifted: (Object.keys(found) as DriftMeasure[]).filter((name) => isDrifted(found[name])),
    days: counted.map(({ day, histograms }) => ({
      day: new Date(day * dayMs).toISOString().slice(0, 10),
      histograms,
    })),
  };
}

/** Writes down that inputs have drifted, once a day for a student. @returns whether it was written down now */
export async function noteDrift(
  store: Pick<Store, 'events'>,
  { task, student, threshold, now = new Date() }: DriftQuestion,
  found: DriftFound,
): Promise<boolean> {
  if (found.drifted.length === 0) return false;
  const [last] = (await store.events.list({ task, what: [inputsDrifted], limit: 20 })).filter(
    (event) => event.student === student.id,
  );
  const day = (moment: Date) => moment.toISOString().slice(0, 10);
  if (last && day(last.at) === day(now)) return false;
  await store.events.add({
    ...{ at: now, task, what: inputsDrifted, student: student.id },
    detail: {
      threshold,
      ...Object.fromEntries(found.drifted.map((name) => [name, found[name]!.divergence])),
    },
  });
  return true;
}
