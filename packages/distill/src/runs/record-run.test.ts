import { KolbenError } from '@kolben/engine';
import type { RunChange, Runs } from '@kolben/store';
import { expect, test, vi } from 'vitest';
import { recordRun } from './record-run.ts';
import { RunDiary } from './run-diary.ts';
import type { RunProgress } from './run-facts.ts';
import { RunStoppedError } from './run-stopped-error.ts';

const outcome = {
  student: { id: null, digest: 'd', folder: '/s' },
  ...{ agreement: 1, certificate: null },
};
const about = { id: 'run_1', task: 'mail', source: 'file' as const, settings: {} };

/** A store that is away for its first words, or for all of them. */
function runsAway(answers: () => boolean, written: (string | RunChange)[], isStopWanted = () => false): Runs {
  const word = async <T>(what: string | RunChange, answer: T): Promise<T> => {
    if (!answers()) throw new KolbenError('store_unreachable', 'The server is away.');
    written.push(what);
    return answer;
  };
  return {
    begin: () => word('begin', 'run_1'),
    goOn: () => word('goOn', false),
    note: (_, change = {}) => word(change, isStopWanted()),
    end: (_, how) => word(how, undefined),
    wantStop: async () => false,
    get: async () => undefined,
    list: async () => [],
    points: async () => [],
  };
}

const step = (n: number) => ({
  ...{ step: n, steps: 4, loss: n, learningRate: 0.1, counts: { tokens: 9, positions: 10 } },
  timelines: () => undefined,
});

test('a store that comes back is told everything, and its absence is told once', async () => {
  const written: (string | RunChange)[] = [];
  const warned: string[] = [];
  let answers = false;
  const runs = runsAway(() => answers, written);
  const result = await recordRun({ ...about, runs, warn: (said) => warned.push(said) }, async (hooks) => {
    hooks.onProgress({ phase: 'train' });
    hooks.listener.onStep?.(step(1));
    await vi.waitUntil(() => warned.length > 0, { timeout: 60_000 });
    hooks.listener.onStep?.(step(2));
    answers = true;
    return { result: 7, outcome };
  });
  expect(result).toBe(7);
  expect(warned).toEqual([expect.stringContaining('The server is away.')]);
  expect(written[0]).toBe('begin');
  expect(written.at(-1)).toBe('done');
  const points = written.flatMap((one) => (typeof one === 'string' ? [] : (one.points ?? [])));
  expect(points.map((point) => point.step)).toEqual([1, 2]);
});

test('a store that stays away changes nothing', async () => {
  const warned: string[] = [];
  const runs = runsAway(() => false, []);
  const done = recordRun({ ...about, runs, warn: (said) => warned.push(said) }, async () => ({
    result: 1,
    outcome,
  }));
  await expect(done).resolves.toBe(1);
  expect(warned).toHaveLength(1);
  const failed = recordRun({ ...about, runs, warn: () => {} }, async () => {
    throw new KolbenError('no_good', 'No good.');
  });
  await expect(failed).rejects.toThrow('No good.');
});

test('who wants it to stop aborts its signal, and it is written down as stopped', async () => {
  const written: (string | RunChange)[] = [];
  const runs = runsAway(
    () => true,
    written,
    () => true,
  );
  const stopped = recordRun({ ...about, runs, warn: () => {} }, ({ signal }) => {
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  await expect(stopped).rejects.toThrow(RunStoppedError);
  expect(written.at(-1)).toBe('stopped');
});

test('a run that can not be gone on with is refused before anything is trained', async () => {
  const runs = runsAway(() => true, []);
  const work = vi.fn();
  await expect(recordRun({ ...about, runs, resume: true, warn: () => {} }, work)).rejects.toThrow(
    'no run run_1 to go on with',
  );
  expect(work).not.toHaveBeenCalled();
});

test('the diary reckons pace and what is left, and keeps a bounded number of points', () => {
  let now = 0;
  const diary = new RunDiary(() => now);
  diary.onProgress({ phase: 'train' });
  const steps = 10_000;
  const { onStep, onLook } = diary.listener;
  for (let done = 1; done <= 5_000; done++) {
    now += 10;
    onStep?.({ ...step(done), steps, loss: done % 2 });
    if (done === 4_999) onLook?.({ step: done, loss: 2, agreement: 0.5 });
  }
  const { points = [], progress } = diary.take();
  expect(progress).toMatchObject({
    step: 5_000,
    steps,
    agreement: 0.5,
    phase: 'train',
  } satisfies Partial<RunProgress>);
  const told = progress as RunProgress;
  // Nine tokens in ten milliseconds, and ten milliseconds for each of the steps that are left.
  expect(told.tokensPerSecond).toBeCloseTo(900, 6);
  expect(told.secondsLeft).toBeCloseTo(50, 6);
  expect(told.paddingShare).toBeCloseTo(0.1, 12);
  expect(points.length).toBeLessThan(1_000);
  expect(points.find((point) => point.step === 4_999)).toMatchObject({ agreement: 0.5, validationLoss: 2 });
  // A point is the mean of the steps since the one before.
  expect(points.find((point) => point.step === 800)!.loss).toBe(0.5);
  expect(diary.take().points).toEqual([]);
  diary.putBack({ points, plan: { reason: 'r' } });
  expect(diary.take()).toMatchObject({ points, plan: { reason: 'r' } });
});
