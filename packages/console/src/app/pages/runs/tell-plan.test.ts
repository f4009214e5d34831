import { readFileSync } from 'node:fs';
import { type PlanReason, scheduleNames } from '@kolben/engine';
import { createTranslator } from 'use-intl/core';
import { expect, test } from 'vitest';
import german from '../../i18n/de/index.ts';
import english from '../../i18n/en/index.ts';
import { tellPlan } from './tell-plan.ts';

const stepMs = 1_234.5;
const rival = { schedule: 'replicas', chips: 2, threads: 1, stepMs: 60.25 } as const;
const memory = {
  schedule: 'zb-h1',
  stages: 2,
  stepMs,
  limitBytes: 2.5 * 2 ** 20,
  neededBytes: 96 * 2 ** 20,
} as const;
const reasons: Readonly<Record<PlanReason['code'], PlanReason>> = {
  run_short: { code: 'run_short', values: { stepMs } },
  one_core: { code: 'one_core', values: { stepMs } },
  one_chip: { code: 'one_chip', values: { threads: 2, stepMs }, rival },
  replicas: { code: 'replicas', values: { stepMs }, rival: { ...rival, chips: 1, threads: 4 } },
  pipeline: {
    ...{ code: 'pipeline', values: { schedule: 'interleaved-1f1b', stepMs, bubble: 0.0625 } },
    rival: { ...rival, threads: 2 },
  },
  memory: { code: 'memory', values: memory },
  memory_recompute: { code: 'memory_recompute', values: memory },
};

const tellIn = (locale: 'en' | 'de') => {
  const messages = locale === 'en' ? english : german;
  const onError = (error: Error) => {
    throw error;
  };
  const t = createTranslator({ locale, messages, namespace: 'reasons.plan', onError });
  return (why: PlanReason) =>
    tellPlan(why, {
      t,
      nameOf: (schedule) => messages.runs.schedules[schedule as 'gpipe'],
      mebibytes: (bytes) => `${(bytes / 2 ** 20).toLocaleString(locale)} MiB`,
    }).replace(/\s/g, ' ');
};

test('a plan is told in every language with all of its figures', () => {
  const source = readFileSync(
    new URL('../../../../../engine/src/plan/plan-reason.ts', import.meta.url),
    'utf8',
  );
  const codes = [...source.matchAll(/case '(\w+)':/g)].map(([, code]) => code!);
  expect(codes.sort()).toEqual(Object.keys(reasons).sort());
  for (const [locale, figures] of [
    ['en', { stepMs: '1,234.5 ms', rival: '60.25 ms', limit: '2.5 MiB', bubble: '6.3%' }],
    ['de', { stepMs: '1.234,5 ms', rival: '60,25 ms', limit: '2,5 MiB', bubble: '6,3 %' }],
  ] as const) {
    const tell = tellIn(locale);
    for (const why of Object.values(reasons)) {
      const told = tell(why);
      expect(told, why.code).not.toMatch(/[{}]|undefined|NaN/);
      expect(told, why.code).toContain(figures.stepMs);
      if ('rival' in why) expect(told, why.code).toContain(figures.rival);
      if ('limitBytes' in why.values) expect(told, why.code).toContain(figures.limit);
    }
    expect(tell(reasons.pipeline)).toContain(figures.bubble);
  }
  expect(tellIn('de')(reasons.pipeline)).toBe(
    'Beim Verfahren „verschränktes 1F1B“ werden die Stufen so gleichmäßig, dass keine andere Verteilung messbar schneller ist: 1.234,5 ms je Schritt, davon 6,3 % Wartezeit. Zum Vergleich: Kopien auf Chips aus je 2 Kernen, 60,25 ms.',
  );
  expect(tellIn('en')(reasons.replicas)).toMatch(/ For comparison: one chip of 4 cores, 60\.25 ms\.$/);
});

test('every schedule has a name in every language', () => {
  for (const { runs } of [english, german])
    expect(Object.keys(runs.schedules).sort()).toEqual([...scheduleNames].sort());
});
