import fc from 'fast-check';
import { createElement as make } from 'react';
import { describe, expect, it } from 'vitest';
import { valueAt } from './break-even.tsx';
import { ConfusionTable, LossCurve, MarkedText } from './index.ts';
import { smooth } from './smooth.ts';
import { draw } from './testing/draw.ts';
import { costs, day, line, series, start } from './testing/samples.ts';

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
