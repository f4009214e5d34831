import fc from 'fast-check';
import { createElement as make, type ReactElement } from 'react';
import { describe, expect, it } from 'vitest';
import { valueAt } from './break-even.tsx';
import {
  Bars,
  BreakEven,
  ChartLanguage,
  ConfusionTable,
  englishWords,
  LatencyChart,
  LossCurve,
  MarkedText,
  numbersIn,
  RankedBars,
  ReliabilityDiagram,
  RiskCurve,
  ShareBar,
  StackedColumns,
  type TimeLine,
  TimeSeries,
} from './index.ts';
import { smooth } from './smooth.ts';
import { draw } from './testing/draw.ts';

const hostile = `</svg><script>alert(1)</script>" onload="x`;
const share = () => fc.double({ min: 0, max: 1, noNaN: true });
const unit = (value: number) => `${value} u`;
const day = 86_400_000;
const start = Date.UTC(2026, 10, 1);

const series = (lines: readonly TimeLine[], more = {}) =>
  make(TimeSeries, {
    title: 'Calls',
    description: 'Calls by day.',
    lines,
    format: unit,
    utc: true,
    ...more,
  });
const line = (values: readonly number[], label = 'calls'): TimeLine => ({
  label,
  shade: 'first',
  points: values.map((value, i) => ({ at: start + i * day, value })),
});
const columns = (values: readonly (readonly number[])[]) =>
  make(StackedColumns, {
    title: 'Who answered',
    description: 'By day.',
    parts: [
      { label: 'student', shade: 'student' as const },
      { label: 'teacher', shade: 'teacher' as const },
    ],
    columns: values.map((each, i) => ({ label: `day ${i}`, values: each })),
    format: unit,
  });
const costs = (
  breakEven: { x: number; low?: number; high?: number } | null,
  ends: readonly number[] = [10, 10],
) =>
  make(BreakEven, {
    title: 'Cost a month.',
    across: 'calls a day',
    breakEven,
    format: unit,
    formatAcross: String,
    lines: [
      {
        label: 'teacher',
        shade: 'teacher' as const,
        points: [
          { x: 0, value: 0 },
          { x: 100, value: 20 },
        ],
      },
      {
        label: 'own student',
        shade: 'student' as const,
        points: [
          { x: 0, value: ends[0]!, low: 8, high: 12 },
          { x: 100, value: ends[1]!, low: 8, high: 12 },
        ],
      },
    ],
  });

/** Every chart once, with data of the usual kind. */
const usual: Readonly<Record<string, ReactElement>> = {
  bars: make(Bars, {
    title: 'Agreement',
    rows: [{ label: 'student', share: 0.972, shade: 'student' }],
  }),
  shareBar: make(ShareBar, { title: 'Parts', parts: [{ label: 'a', value: 3, shade: 'first' }] }),
  latency: make(LatencyChart, {
    rows: [{ label: 'student', p50: 3.1, p99: 14.2, shade: 'student' }],
  }),
  loss: make(LossCurve, {
    title: 'Loss',
    steps: 3,
    kind: 'validation',
    points: [3, 2, 1].map((loss, i) => ({ step: i + 1, loss })),
  }),
  reliability: make(ReliabilityDiagram, {
    bins: [{ low: 0.8, high: 1, accuracy: 0.9, meanConfidence: 0.95, n: 40 }],
  }),
  risk: make(RiskCurve, {
    points: [0.25, 0.5, 1].map((coverage) => ({ coverage, disagreement: coverage / 10 })),
    certified: { coverage: 0.5, disagreement: 0.02 },
    alpha: 0.05,
  }),
  series: series([line([1, 4, 2])]),
  columns: columns([
    [1, 2],
    [3, 0],
  ]),
  breakEven: costs({ x: 50, low: 40, high: 60 }),
};

describe('every chart', () => {
  it.each(Object.entries(usual))(
    '%s has a name and a description, and nothing a page forbids',
    (_, element) => {
      const drawn = draw(element);
      const svg = drawn.all('svg').find(({ class: name }) => name === 'k-chart')!;
      const [title, description] = svg['aria-labelledby']!.split(' ');
      expect(drawn.all('title').map(({ id }) => id)).toContain(title);
      expect(drawn.all('desc').map(({ id }) => id)).toContain(description);
      expect(drawn.markup).not.toMatch(/ style=|<script|NaN|undefined|Infinity|\[object/);
      // What can be reached with the keyboard must not be within an image, where nobody would be told of it.
      if (svg.role === 'img')
        expect(drawn.all('g').some(({ tabindex }) => tabindex !== undefined)).toBe(false);
      else expect(drawn.all('g').filter(({ tabindex }) => tabindex === '0').length).toBeGreaterThan(0);
    },
  );

  it.each(Object.entries(usual))('%s has its figures as words too', (name, element) => {
    const drawn = draw(element);
    const inKeyOrDescription = ['bars', 'shareBar', 'latency'];
    if (!inKeyOrDescription.includes(name)) expect(drawn.all('table')).toHaveLength(1);
    expect(drawn.text).toMatch(/\d/);
  });

  it('says in words that there is nothing to draw', () => {
    for (const element of [
      make(Bars, { title: 'x', rows: [] }),
      make(ShareBar, { title: 'x', parts: [] }),
      make(LatencyChart, { rows: [] }),
      make(ReliabilityDiagram, { bins: [] }),
      make(RiskCurve, { points: [], certified: null, alpha: null }),
      make(RankedBars, { title: 'x', rows: [], format: unit }),
      series([]),
      series([line([])]),
      columns([]),
    ])
      expect(draw(element).markup).toBe('<p class="k-nothing">There is nothing to draw yet.</p>');
    expect(draw(make(LossCurve, { title: 'x', points: [], steps: 0, kind: 'train' })).text).toBe(
      'The run was too short for a curve.',
    );
  });

  it('draws a single point, and values that are all the same', () => {
    for (const element of [
      series([line([5])]),
      series([line([0])]),
      series([line([3, 3, 3])]),
      columns([[0, 0]]),
      make(RiskCurve, { points: [{ coverage: 1, disagreement: 0 }], certified: null, alpha: null }),
      make(LatencyChart, { rows: [{ label: 'x', p50: 0, p99: 0, shade: 'quiet' }] }),
      make(ShareBar, { title: 'x', parts: [{ label: 'none', value: 0, shade: 'quiet' }] }),
      make(LossCurve, {
        title: 'x',
        steps: 2,
        kind: 'train',
        points: [
          { step: 1, loss: 0 },
          { step: 2, loss: 0 },
        ],
      }),
      make(RankedBars, {
        title: 'x',
        rows: [{ label: 'free', value: 0, shade: 'first' }],
        format: unit,
      }),
    ]) {
      const { markup } = draw(element);
      expect(markup).toContain('<svg');
      expect(markup).not.toMatch(/NaN|Infinity/);
    }
  });

  it('refuses what is no number, and says what', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
      for (const element of [
        make(Bars, { title: 'x', rows: [{ label: 'x', share: bad, shade: 'quiet' }] }),
        make(ShareBar, { title: 'x', parts: [{ label: 'x', value: bad, shade: 'quiet' }] }),
        make(RiskCurve, {
          points: [{ coverage: bad, disagreement: 0 }],
          certified: null,
          alpha: null,
        }),
        make(ReliabilityDiagram, {
          bins: [{ low: 0, high: 1, accuracy: bad, meanConfidence: 0.5, n: 1 }],
        }),
        make(RankedBars, {
          title: 'x',
          rows: [{ label: 'x', value: bad, shade: 'first' }],
          format: unit,
        }),
        columns([[bad, 1]]),
      ])
        expect(() => draw(element)).toThrow(/^A chart can't draw (NaN|Infinity|-1): .+ must/);
    }
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
      for (const element of [
        series([line([bad])]),
        series([line([1])], { limits: [{ label: 'x', value: bad }] }),
        costs(null, [bad, 1]),
        make(LatencyChart, { rows: [{ label: 'x', p50: bad, p99: 1, shade: 'quiet' }] }),
        make(ConfusionTable, { caption: 'x', confusion: { labels: ['a'], counts: [[bad]] } }),
      ])
        expect(() => draw(element)).toThrow(RangeError);
    expect(() =>
      draw(make(MarkedText, { text: 'a', words: [{ start: 0, end: 1, contribution: Number.NaN }] })),
    ).toThrow(RangeError);
    expect(() => draw(columns([[1]]))).toThrow('one value for each part');
    expect(() => draw(costs({ x: 101 }))).toThrow('can only meet where they are drawn');
  });

  it('shows hostile words as words', () => {
    const text = make(MarkedText, {
      text: hostile,
      words: [{ start: 0, end: hostile.length, contribution: 1 }],
    });
    for (const element of [
      text,
      make(Bars, { title: hostile, rows: [{ label: hostile, share: 1, shade: 'quiet' }] }),
      series([{ ...line([1, 2]), label: hostile }, line([2, 3])], { title: hostile, description: hostile }),
      make(ConfusionTable, { caption: hostile, confusion: { labels: [hostile], counts: [[1]] } }),
      make(RankedBars, {
        title: hostile,
        rows: [{ label: hostile, value: 1, shade: 'first', note: hostile }],
        format: unit,
      }),
    ]) {
      const drawn = draw(element);
      expect(drawn.all('script')).toEqual([]);
      expect(drawn.markup).not.toMatch(/ onload="/);
      expect(drawn.text).toContain('<script>alert(1)</script>');
    }
  });

  it('speaks the language of its page', () => {
    const german = {
      ...englishWords,
      riskTitle: 'Abweichung nach Anteil',
      riskLimit: ({ alpha }: { alpha: string }) => `höchstens ${alpha}`,
    };
    const curve = { points: [{ coverage: 1, disagreement: 0.055 }], certified: null, alpha: 0.025 };
    const page = () =>
      ChartLanguage({ numbers: numbersIn('de'), words: german, children: make(RiskCurve, curve) });
    const drawn = draw(make(page));
    expect(drawn.text).toContain('Abweichung nach Anteil');
    expect(drawn.text).toContain('höchstens 2,5 %');
    expect(drawn.text).toContain('5,50 %');
  });
});

describe('scales', () => {
  it('a bar is as long as its share', () => {
    fc.assert(
      fc.property(share(), (value) => {
        const drawn = draw(
          make(Bars, { title: 'x', rows: [{ label: 'x', share: value, shade: 'student' }] }),
        );
        const bar = drawn.all('rect').find(({ class: name }) => name === 'k-fill-student')!;
        expect(Number.parseFloat(bar.width!)).toBeCloseTo(value * 100, 2);
      }),
    );
  });

  it('the parts of a whole lie side by side and fill it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 1, maxLength: 6 }), (values) => {
        fc.pre(values.some((value) => value > 0));
        const parts = values.map((value, i) => ({ label: `part ${i}`, value, shade: 'first' as const }));
        const rects = draw(make(ShareBar, { title: 'x', parts }))
          .all('rect')
          .filter(({ height }) => height === '30');
        let at = 0;
        for (const { x, width } of rects) {
          expect(Number.parseFloat(x!)).toBeCloseTo(at, 1);
          at += Number.parseFloat(width!);
        }
        expect(at).toBeCloseTo(100, 1);
      }),
    );
  });

  it('of a series, later is further right, more is higher, and all of it on the drawing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 20 }),
        (values) => {
          const dots = draw(series([line(values)]))
            .all('circle')
            .filter(({ class: name }) => name?.startsWith('k-mark'));
          expect(dots).toHaveLength(values.length);
          dots.forEach(({ cx, cy }, i) => {
            const [x, y] = [Number.parseFloat(cx!), Number(cy)];
            expect(x).toBeCloseTo((100 * i) / (values.length - 1), 2);
            expect(y).toBeGreaterThanOrEqual(0);
            expect(y).toBeLessThanOrEqual(220);
            if (i > 0 && values[i]! > values[i - 1]!) expect(y).toBeLessThanOrEqual(Number(dots[i - 1]!.cy));
          });
        },
      ),
    );
  });

  it('columns stand on each other: their parts together are as high as their sum', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(500), fc.nat(500)), { minLength: 1, maxLength: 10 }), (values) => {
        fc.pre(values.some(([a, b]) => a + b > 0));
        const rects = draw(columns(values))
          .all('rect')
          .filter(({ class: name }) => name?.startsWith('k-mark'));
        const perUnit = values.map(([a, b], i) => {
          const [low, high] = [rects[2 * i]!, rects[2 * i + 1]!];
          // The upper part ends where the lower one begins.
          expect(Number(high.y) + Number(high.height)).toBeCloseTo(Number(low.y), 0);
          return (Number(low.height) + Number(high.height)) / (a + b);
        });
        const known = perUnit.filter(Number.isFinite);
        // Heights are rounded to a tenth of a pixel each.
        values.forEach(([a, b], i) => {
          if (a + b > 100) expect(Math.abs(perUnit[i]! - Math.max(...known))).toBeLessThan(0.2);
        });
      }),
    );
  });

  it('the certified point lies on its coverage and disagreement, and more disagreement is higher', () => {
    const dot = (disagreement: number) =>
      draw(
        make(RiskCurve, {
          points: [{ coverage: 1, disagreement: 0.1 }],
          certified: { coverage: 0.62, disagreement },
          alpha: 0.05,
        }),
      )
        .all('circle')
        .find(({ r }) => r === '5')!;
    expect(dot(0.02).cx).toBe('62%');
    expect(Number(dot(0.08).cy)).toBeLessThan(Number(dot(0.02).cy));
    expect(Number(dot(0).cy)).toBe(212);
  });
});

describe('LossCurve', () => {
  it('leaves out losses that could not be computed', () => {
    const points = [1, Number.NaN, 0.5, Number.POSITIVE_INFINITY, 0.25].map((loss, i) => ({
      step: i + 1,
      loss,
    }));
    const drawn = draw(make(LossCurve, { title: 'Loss', points, steps: 5, kind: 'train' }));
    expect(drawn.text).toContain('From 1 to 0.25 in 5 steps.');
    expect(drawn.markup).not.toMatch(/NaN|Infinity/);
  });

  it('calms a long curve without moving its mean', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 1, max: 10 }),
        (losses, width) => {
          const whole = losses.slice(0, Math.floor(losses.length / width) * width);
          fc.pre(whole.length > 0);
          const calm = smooth(
            whole.map((loss, i) => ({ step: i + 1, loss })),
            width,
          );
          const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
          expect(calm).toHaveLength(whole.length / width);
          expect(mean(calm.map(({ loss }) => loss))).toBeCloseTo(mean(whole), 8);
        },
      ),
    );
  });
});

describe('TimeSeries', () => {
  it('tells the interval of a value, and draws it as an area', () => {
    const points = [0, 1].map((i) => ({ at: start + i * day, value: 5, low: 4, high: 7 }));
    const drawn = draw(series([{ label: 'agreement', shade: 'student', points }]));
    expect(drawn.text).toContain('5 u (4 u to 7 u)');
    expect(drawn.all('path').filter(({ class: name }) => name?.startsWith('k-band'))).toHaveLength(1);
  });

  it('leaves long series to the table: nobody steps through hundreds of points', () => {
    const drawn = draw(series([line(Array.from({ length: 200 }, (_, i) => i))]));
    expect(drawn.all('g').some(({ tabindex }) => tabindex !== undefined)).toBe(false);
    expect(drawn.all('tr')).toHaveLength(201);
  });

  it('puts the values of one time side by side, and a dash where a line has none', () => {
    const drawn = draw(series([line([1, 2], 'one'), { ...line([7], 'other') }]));
    expect(drawn.text).toMatch(/time one other .*1 u 7 u .*2 u –/);
  });
});

describe('BreakEven', () => {
  it('says where the lines meet, how surely, or that they do not', () => {
    expect(draw(costs({ x: 50 })).text).toContain('even at 50');
    expect(draw(costs({ x: 50, low: 40, high: 60 })).text).toContain('even at 50 (40 to 60)');
    expect(draw(costs({ x: 50, low: 40, high: Number.POSITIVE_INFINITY })).text).toContain('(40 to ∞)');
    expect(draw(costs(null)).text).toContain('The lines do not meet here.');
  });

  it('keeps the interval on the drawing', () => {
    const band = draw(costs({ x: 50, low: -20, high: 400 }))
      .all('rect')
      .find(({ class: name }) => name === 'k-wash')!;
    expect([band.x, band.width]).toEqual(['0%', '100%']);
  });

  it('finds the value between two points', () => {
    const points = [
      { x: 0, value: 0 },
      { x: 10, value: 20 },
      { x: 20, value: 0 },
    ];
    expect([0, 5, 10, 15, 20, 30].map((x) => valueAt(points, x))).toEqual([0, 10, 20, 10, 0, 0]);
  });
});

describe('ConfusionTable', () => {
  it('is a matrix of few labels, and the most frequent mix-ups of many', () => {
    const few = {
      labels: ['ham', 'spam'],
      counts: [
        [10, 1],
        [2, 20],
      ],
    };
    expect(draw(make(ConfusionTable, { caption: 'c', confusion: few })).all('td')).toHaveLength(4);
    const labels = Array.from({ length: 12 }, (_, i) => `l${i}`);
    const counts = labels.map((_, i) => labels.map((_, j) => (i === j ? 9 : i === 2 ? j : 0)));
    const drawn = draw(make(ConfusionTable, { caption: 'c', confusion: { labels, counts } }));
    expect(drawn.text).toMatch(/times l2 l11 11 l2 l10 10/);
    const none = { labels, counts: labels.map((_, i) => labels.map((_, j) => (i === j ? 1 : 0))) };
    expect(draw(make(ConfusionTable, { caption: 'c', confusion: none })).text).toBe(
      'c There is no disagreement.',
    );
  });

  it('has a row and a column for each label', () => {
    expect(() =>
      draw(make(ConfusionTable, { caption: 'c', confusion: { labels: ['a', 'b'], counts: [[1, 2]] } })),
    ).toThrow('one row and one column for each label');
  });
});

describe('MarkedText', () => {
  it('holds every character of the text once, whatever is marked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.stringMatching(/^[a-z<&]{1,6}$/), fc.double({ min: -3, max: 3, noNaN: true })), {
          maxLength: 12,
        }),
        (pieces) => {
          let text = '';
          const words = pieces.map(([word, contribution]) => {
            text += ' ';
            const begin = text.length;
            text += word;
            return { start: begin, end: text.length, contribution };
          });
          const { markup } = draw(make(MarkedText, { text, words }));
          const shown = markup
            .replace(/<[^>]*>/g, '')
            .replaceAll('&lt;', '<')
            .replaceAll('&amp;', '&');
          expect(shown).toBe(text);
        },
      ),
    );
  });

  it('marks what speaks for the answer and what against it, by strength', () => {
    const drawn = draw(
      make(MarkedText, {
        text: 'free money now ok',
        words: [
          { start: 0, end: 4, contribution: 2 },
          { start: 5, end: 10, contribution: 0.5 },
          { start: 11, end: 14, contribution: -1.5 },
          { start: 15, end: 17, contribution: 0.01 },
        ],
      }),
    );
    expect(drawn.all('mark')).toEqual([
      { class: 'k-for k-strongly', title: '+2.00' },
      { class: 'k-for', title: '+0.50' },
      { class: 'k-against k-strongly', title: '−1.50' },
    ]);
  });
});

describe('numbers', () => {
  it('are written as their language does', () => {
    const german = numbersIn('de', 'UTC');
    const read = (text: string) => text.replaceAll('\u00A0', ' ');
    expect(german.count(2101)).toBe('2.101');
    expect(german.percent(0.989)).toBe('98,9 %');
    expect(german.percent(0.99999)).toBe('99,9 %');
    expect(german.milliseconds(4.12)).toBe('4,1 ms');
    expect(read(german.dollars(0.0713))).toBe('0,0713 $');
    expect(read(german.day(new Date(start)))).toBe('1. Nov.');
    expect(read(numbersIn('en', 'UTC').moment(new Date(start + 3_600_000)))).toBe('Nov 1, 01:00');
    expect(numbersIn('en').signed(-1.204)).toBe('−1.20');
  });
});
