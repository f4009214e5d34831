import { readFileSync } from 'node:fs';
import { shareInterval } from '@kolben/distill';
import { randomStream, uniform } from '@kolben/engine';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { testGateway } from '../testing/gateway-in-test.ts';
import { completion, plainly } from '../testing/mock-provider.ts';
import { monthsToBreakEven, type Spending, spentAfter } from './break-even.ts';
import { spreadOf } from './draws.ts';
import { EconomicsError, economicsInTurns, economicsOf } from './economics.ts';
import {
  type FigureKind,
  figureKinds,
  figureNames,
  type GivenFigures,
  givenFiguresSchema,
} from './figures.ts';
import { daysPerMonth, hoursPerMonth, monthlyCosts, sumOf } from './monthly-cost.ts';
import { factorQuantile, normalQuantile, shareQuantile } from './quantiles.ts';
import { missingFigures, resolveFigures } from './resolve-figures.ts';
import { shareDraws } from './share-draws.ts';

/** A task of 10,000 calls a day at $0.0012 each. */
const busy: GivenFigures = {
  ...{ callsPerDay: 10_000, promptTokens: 1_000, cachedTokens: 500, answerTokens: 100 },
  ...{ inputPerMillion: 1.2, cachedInputPerMillion: 0.4, outputPerMillion: 4 },
  ...{ coverage: 0.8, coverageExamples: 1_000, auditShare: 0.1 },
};
const of = (given: GivenFigures) => economicsOf(resolveFigures({}, given), 'own');
const way = (given: GivenFigures, name: string) => of(given).ways.find((one) => one.way === name)!;

describe('a month', () => {
  test('by hand: what the teacher takes, what audits take, what the machine takes', () => {
    const { ways, making, machines } = of({
      ...busy,
      ...{ hardwarePrice: 4_800, hardwareYears: 4, hardwareShare: 0.5, powerWatts: 100, electricity: 0.4 },
      ...{ upkeepHours: 2, workPerHour: 50, latencyMs: 1 },
      ...{ labellingCalls: 1_000, trainingHours: 2, workHours: 10 },
    });
    const [teacher, cascade, student] = ways.map(({ parts }) => parts);
    const alone = 10_000 * daysPerMonth * 0.0012;
    expect(teacher).toEqual({
      ...{ teacher: expect.closeTo(alone, 9), audits: 0, hardware: 0, electricity: 0, server: 0, upkeep: 0 },
    });
    const host = { hardware: 50, electricity: 0.5 * 0.1 * hoursPerMonth * 0.4, server: 0, upkeep: 100 };
    expect(cascade).toEqual({
      teacher: expect.closeTo(alone * 0.2, 9),
      audits: expect.closeTo(alone * 0.08, 9),
      ...host,
    });
    expect(student).toEqual({ teacher: 0, audits: 0, ...host });
    expect(making).toEqual({
      ...{ labelling: expect.closeTo(1.2, 9), training: expect.closeTo(0.08, 9), work: 500 },
      total: expect.closeTo(501.28, 9),
    });
    expect(machines).toBe(0.5);
  });

  test('rented by the hour, with and without a GPU, there is no machine to buy', () => {
    const figures = resolveFigures({}, { ...busy, serverPerHour: 0.1, gpuPerHour: 1, latencyMs: 0 });
    const [cpu, gpu] = (['cpu', 'gpu'] as const).map((hosting) => economicsOf(figures, hosting));
    expect(cpu!.ways[2]!.parts).toMatchObject({ hardware: 0, electricity: 0, server: hoursPerMonth * 0.1 });
    expect(gpu!.ways[2]!.parts.server).toBeCloseTo(hoursPerMonth, 9);
    expect([cpu!.hardware, gpu!.hardware]).toEqual([0, 0]);
    expect(cpu!.hostings.map(({ hosting, student }) => [hosting, student])).toEqual(
      (['own', 'cpu', 'gpu'] as const).map((hosting) => [
        hosting,
        economicsOf(figures, hosting).ways[2]!.perMonth.value,
      ]),
    );
  });

  test('a busiest hour that one machine does not stand takes more of them', () => {
    // 10 calls a second on average, 50 in the busiest hour, 100 ms each: five machines.
    const { machines, load } = of({ ...busy, callsPerDay: 864_000, latencyMs: 100, peakFactor: 5 });
    expect(load).toBeCloseTo(5, 9);
    expect(machines).toBeCloseTo(5, 9);
  });

  test('the student alone: what it answers without being sure, and what that may cost in answers', () => {
    expect(way(busy, 'student')).toMatchObject({
      byTeacher: 0,
      uncertified: expect.closeTo(2_000 * daysPerMonth, 6),
    });
    expect(of(busy).lost.disagreement).toBeNull();
    expect(of({ ...busy, agreement: 0.9 }).lost.disagreement).toBeCloseTo(0.1, 12);
  });

  test('more coverage never costs more, more audits never less', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, share, share, (c1, c2, a1, a2) => {
        const cost = (coverage: number, auditShare: number) =>
          sumOf(
            monthlyCosts({ ...amounts(busy), coverage: coverage, auditShare: auditShare }, 'own').ways
              .cascade,
          );
        const [less, more] = [Math.min(c1, c2), Math.max(c1, c2)];
        expect(cost(more, a1)).toBeLessThanOrEqual(cost(less, a1) + 1e-9);
        expect(cost(c1, Math.max(a1, a2))).toBeGreaterThanOrEqual(cost(c1, Math.min(a1, a2)) - 1e-9);
      }),
    );
  });
});

type Amounts = Parameters<typeof monthlyCosts>[0];
function amounts(given: GivenFigures): Amounts {
  const figures = resolveFigures({}, given);
  return Object.fromEntries(figureNames.map((name) => [name, figures[name].value])) as Amounts;
}

describe('break-even', () => {
  const usd = fc.double({ min: 0, max: 5_000, noNaN: true });
  const spending = fc.record({
    making: usd,
    hardware: fc.oneof(fc.constant(0), usd),
    lifeMonths: fc.double({ min: 1, max: 60, noNaN: true }),
    monthly: usd,
  });

  test('is the first moment at which no more was spent, whatever is walked by', () => {
    fc.assert(
      fc.property(spending, usd, (one, teacher) => {
        const months = monthsToBreakEven(one, teacher);
        const horizon = Number.isFinite(months) ? months : 2_000;
        if (Number.isFinite(months)) {
          const tolerance = 1e-9 * (1 + teacher * months + spentAfter(one, months));
          expect(spentAfter(one, months)).toBeLessThanOrEqual(teacher * months + tolerance);
        }
        for (let step = 0; step < 400; step += 1) {
          const month = (horizon * step) / 400;
          if (one.making + one.hardware > 0)
            expect(spentAfter(one, month)).toBeGreaterThan(teacher * month - 1e-9 * (1 + teacher * month));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a machine that earns less in its life than it costs never pays', () => {
    const machine: Spending = { making: 0, hardware: 1_200, lifeMonths: 12, monthly: 10 };
    expect(monthsToBreakEven(machine, 109)).toBe(Number.POSITIVE_INFINITY);
    expect(monthsToBreakEven(machine, 110)).toBe(12);
    expect(monthsToBreakEven({ ...machine, making: 1 }, 110)).toBe(Number.POSITIVE_INFINITY);
    // It earns 12 a life more than it costs, so the fourth life is the first to end without a loss.
    expect(monthsToBreakEven({ ...machine, making: 40 }, 111)).toBeCloseTo((40 + 4_800) / 101, 9);
  });
});

describe('what is not sure', () => {
  test('the share’s quantiles are the exact limits', () => {
    for (const [k, n] of [
      [0, 50],
      [37, 50],
      [50, 50],
      [800, 1_000],
    ] as const) {
      const [low, high] = shareInterval(k, n, 0.8);
      expect([shareQuantile(0.1, k, n), shareQuantile(0.9, k, n)]).toEqual([
        expect.closeTo(low, 12),
        expect.closeTo(high, 12),
      ]);
    }
  });

  test('the factor’s quantiles', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
    expect([0.1, 0.5, 0.9].map((at) => factorQuantile(at, 1.5))).toEqual([
      expect.closeTo(1 / 1.5, 12),
      expect.closeTo(1, 12),
      expect.closeTo(1.5, 12),
    ]);
    expect(factorQuantile(0.3, 1)).toBe(1);
  });

  const spread = fc.double({ min: 1, max: 2, noNaN: true });

  test('what the teacher takes has the interval that log-normal factors give by their sums of squares', () => {
    fc.assert(
      fc.property(spread, spread, spread, (callsSpread, tokensSpread, priceSpread) => {
        const given = { ...busy, callsSpread, tokensSpread, priceSpread };
        const { perMonth } = way(given, 'teacher');
        const logs = [callsSpread, tokensSpread, priceSpread].map((one) => Math.log(one) ** 2);
        const factor = Math.exp(Math.sqrt(logs.reduce((sum, one) => sum + one, 0)));
        expect(perMonth.median / perMonth.value).toBeCloseTo(1, 1);
        expect(Math.abs(perMonth.high / (perMonth.value * factor) - 1)).toBeLessThan(0.05);
        expect(Math.abs((perMonth.low * factor) / perMonth.value - 1)).toBeLessThan(0.05);
      }),
      { numRuns: 8 },
    );
  });

  test('where calls alone are unsure, the break-even’s interval is that of its formula', () => {
    const given = {
      ...{ ...busy, coverage: 1, coverageExamples: 1_000_000_000, auditShare: 0, latencyMs: 0 },
      ...{ callsSpread: 1.4, tokensSpread: 1, priceSpread: 1 },
    };
    const { breakEven, making, hardware, ways } = of(given);
    const monthly = ways[1]!.parts.electricity + ways[1]!.parts.upkeep;
    const at = (factor: number) => (making.total + hardware) / (ways[0]!.parts.teacher * factor - monthly);
    expect(breakEven.cascade.median!).toBeCloseTo(at(1), 1);
    expect(breakEven.cascade.low! / at(1.4)).toBeCloseTo(1, 2);
    expect(breakEven.cascade.high! / at(1 / 1.4)).toBeCloseTo(1, 2);
  });

  test('the intervals are those of independent draws, walked month by month', () => {
    fc.assert(
      fc.property(
        fc.record({
          callsPerDay: fc.double({ min: 3_000, max: 100_000, noNaN: true }),
          coverage: fc.double({ min: 0.3, max: 0.98, noNaN: true }),
          coverageExamples: fc.integer({ min: 30, max: 2_000 }),
          callsSpread: spread,
          tokensSpread: spread,
          priceSpread: spread,
        }),
        (differs) => {
          const given = { ...busy, latencyMs: 2, ...differs };
          const { breakEven, ways, saved } = of(given);
          const brute = bruteForce(given);
          const near = (found: number, told: number) =>
            expect(Math.abs(found - told)).toBeLessThan(0.09 * Math.abs(told) + 0.06);
          for (const end of ['median', 'low', 'high'] as const) {
            near(ways[1]!.perMonth[end], brute.cascade[end]);
            expect(Math.abs(saved.cascade[end] - brute.saved[end])).toBeLessThan(
              0.09 * ways[0]!.perMonth.value,
            );
            // A quantile near the edge of "never" may fall to either side.
            const told = brute.months[end];
            if (told < 30 && brute.never < 0.08) near(breakEven.cascade[end]!, told);
          }
          expect(Math.abs(breakEven.cascade.neverShare - brute.never)).toBeLessThan(0.04);
        },
      ),
      { seed: 7, numRuns: 12 },
    );
  }, 120_000);

  /** Another way to the same: Box–Muller, beta quantiles by a draw each, cash added up in steps of a hundredth of a month. */
  function bruteForce(given: GivenFigures) {
    const figures = amounts(given);
    const stream = randomStream('brute force');
    const normal = () =>
      Math.sqrt(-2 * Math.log(1 - uniform(stream))) * Math.cos(2 * Math.PI * uniform(stream));
    const factor = (spread: number) => Math.exp((Math.log(spread) / 1.2815515655446004) * normal());
    const cascade: number[] = [];
    const saved: number[] = [];
    const months: number[] = [];
    for (let draw = 0; draw < 6_000; draw += 1) {
      const calls = figures.callsPerDay * daysPerMonth * factor(figures.callsSpread);
      const call = 0.0012 * factor(figures.tokensSpread) * factor(figures.priceSpread);
      const u = uniform(stream);
      const n = figures.coverageExamples;
      const [low, high] = shareInterval(Math.round(figures.coverage * n), n, Math.abs(1 - 2 * u) || 1e-9);
      const coverage = u < 0.5 ? low : high;
      const machines = Math.max(
        figures.hardwareShare,
        ((calls / daysPerMonth / 86_400) * figures.latencyMs * figures.peakFactor) / 1_000,
      );
      const running =
        calls * call * (1 - coverage) +
        calls * call * coverage * figures.auditShare +
        machines * (figures.powerWatts / 1_000) * 730.5 * figures.electricity +
        figures.upkeepHours * figures.workPerHour;
      const price = machines * figures.hardwarePrice;
      const life = figures.hardwareYears * 12;
      cascade.push(running + price / life);
      saved.push(calls * call - running - price / life);
      let balance =
        -figures.workHours * figures.workPerHour -
        (figures.trainingHours * figures.powerWatts * figures.electricity) / 1_000 -
        price;
      let month = 0;
      for (let bought = 1; balance < 0 && month < 400; month += 0.02) {
        if (month >= bought * life) {
          bought += 1;
          balance -= price;
        }
        balance += (calls * call - running) * 0.02;
      }
      months.push(balance < 0 ? Number.POSITIVE_INFINITY : month);
    }
    return {
      ...{ cascade: spreadOf(cascade), saved: spreadOf(saved), months: spreadOf(months) },
      never: months.filter((one) => one === Number.POSITIVE_INFINITY).length / months.length,
    };
  }

  test('the same figures give the same result', () => {
    expect(of(busy)).toEqual(of(busy));
  });
});

describe('figures', () => {
  test('what nobody knows is not made up', () => {
    const figures = resolveFigures({}, {});
    expect(missingFigures(figures)).toEqual([
      ...['callsPerDay', 'promptTokens', 'answerTokens', 'inputPerMillion', 'outputPerMillion', 'coverage'],
    ]);
    expect(() => economicsOf(figures, 'own')).toThrow(EconomicsError);
    expect(() => of({ ...busy, cachedTokens: 2_000 })).toThrow("can't come from a cache");
  });

  test('given goes before known, known before the default', () => {
    const known = { coverage: { value: 0.7, source: 'certificate' as const } };
    expect(resolveFigures(known, { coverage: 0.9 }).coverage).toEqual({ value: 0.9, source: 'given' });
    expect(resolveFigures(known, {}).coverage).toEqual({ value: 0.7, source: 'certificate' });
    expect(resolveFigures({}, {}).auditShare).toEqual({ value: 0.05, source: 'Kolben' });
    expect(resolveFigures({}, {}).electricity.source).toBe('assumption');
  });

  test('from outside they must be known, and within their ranges', () => {
    expect(givenFiguresSchema.safeParse({ coverage: 0.5 }).success).toBe(true);
    for (const wrong of [
      { coverage: 1.5 },
      { covrage: 0.5 },
      { coverageExamples: 1.5 },
      { electricity: 'x' },
    ])
      expect(givenFiguresSchema.safeParse(wrong).success).toBe(false);
  });

  test('the guide lists each of them as it is', () => {
    const guide = readFileSync(new URL('../../../../docs/economics.md', import.meta.url), 'utf8').replace(
      / +/g,
      ' ',
    );
    for (const name of figureNames) {
      const { unit, default: usual, from, about }: FigureKind = figureKinds[name];
      const cells = [`\`${name}\``, unit, String(usual ?? '–'), from === 'none' ? '–' : from, about];
      expect(guide).toContain(`| ${cells.join(' | ')} |`);
    }
  });

  test('draws of a share are its exact quantiles', () => {
    for (const [k, m] of [
      [0, 50],
      [1, 30],
      [30, 30],
      [498, 600],
      [83_000, 100_000],
    ] as const) {
      const draws = [...shareDraws(2_000, k, m)].flat();
      for (let i = 0; i < draws.length; i += 37)
        expect(draws[i]).toBeCloseTo(shareQuantile((i + 0.5) / 2_000, k, m), 10);
    }
  });

  test('a gateway answers while a result is made, and the result is the same', async () => {
    const { gateway } = await testGateway(plainly(completion('ham')));
    const figures = resolveFigures({}, busy);
    const order: string[] = [];
    const health = fetch(`${gateway.url}/healthz`).then(({ status }) => order.push(`healthz ${status}`));
    // Begun before the request has left: its whole way lies between the turns of the result.
    const made = economicsInTurns(figures, 'own').then((result) => {
      order.push('economics');
      return result;
    });
    await health;
    expect(await made).toEqual(economicsOf(figures, 'own'));
    expect(order).toEqual(['healthz 200', 'economics']);
  });

  test('where it never pays, it says never', () => {
    const { breakEven, saved } = of({ ...busy, callsPerDay: 10 });
    expect(breakEven.cascade).toMatchObject({
      value: null,
      median: null,
      low: null,
      high: null,
      neverShare: 1,
    });
    expect(saved.cascade.value).toBeLessThan(0);
  });
});
