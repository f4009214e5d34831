import fc from 'fast-check';
import { createElement as make, type ReactElement } from 'react';
import { describe, expect, it } from 'vitest';
import {
  Bars,
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
} from './index.ts';
import { draw } from './testing/draw.ts';
import { costs, line, series, unit } from './testing/samples.ts';

const hostile = `</svg><script>alert(1)</script>" onload="x`;
const share = () => fc.double({ min: 0, max: 1, noNaN: true });
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
        rows: [{ label: 'free', bars: [{ label: 'in', value: 0, shade: 'first' }] }],
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
          rows: [{ label: 'x', bars: [{ label: 'in', value: bad, shade: 'first' }] }],
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
        rows: [{ label: hostile, bars: [{ label: hostile, value: 1, shade: 'first' }], note: hostile }],
        format: unit,
      }),
    ]) {
      const drawn = draw(element);
      expect(drawn.all('script')).toEqual([]);
      expect(drawn.markup).not.toMatch(/ onload="/);
      expect(drawn.text).toContain('<script>alert(1)</script>');
    }
  });

  it.each(['loss', 'reliability', 'risk', 'series', 'columns', 'breakEven'] as const)(
    '%s writes the numbers of its axis over the data, which would hide them',
    (name) => {
      const { markup } = draw(usual[name]!);
      const data = Math.max(markup.lastIndexOf('<path'), markup.lastIndexOf('<rect'));
      expect(markup.indexOf('class="k-on-data"')).toBeGreaterThan(data);
    },
  );

  it('calls certified only what is', () => {
    const curve = { points: [{ coverage: 1, disagreement: 0.02 }], certified: null, alpha: 0.05 };
    expect(draw(make(RiskCurve, curve)).text).toContain('certified at most 5 %');
    const { text } = draw(make(RiskCurve, { ...curve, tried: { alpha: 0.075, point: null } }));
    expect(text).toContain('tried out: at most 7.5 %');
    expect(text).not.toContain('certified at most');
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
