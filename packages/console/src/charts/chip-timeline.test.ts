import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { rowAt } from './chip-rows.ts';
import { type ChipGrid, ChipTimeline, type ChipTimelineProps } from './chip-timeline.tsx';
import { StepCurves } from './step-curves.tsx';

const timelines: ChipTimelineProps['timelines'] = [
  {
    label: 'real',
    chips: 2,
    spans: [
      { chip: 0, kind: 'forward', stage: 0, microbatch: 0, start: 0, end: 10 },
      { chip: 1, kind: 'forward', stage: 1, microbatch: 1, start: 10, end: 30 },
      { chip: 1, kind: 'update', stage: 1, start: 90, end: 100 },
      { chip: 0, kind: 'thinks', stage: 0, start: 90, end: 100 },
    ],
  },
  {
    label: 'simulated',
    chips: 1,
    spans: [{ chip: 0, kind: 'forward', stage: 0, microbatch: 0, start: 0, end: 50 }],
  },
];

function draw(window: { start: number; end: number }, more: Partial<ChipTimelineProps> = {}): string {
  return renderToStaticMarkup(
    createElement(ChipTimeline, {
      ...{ title: 'Timeline', description: 'What chips did.', timelines, window, ...more },
    }),
  );
}

/** From and to of every bar that is drawn, in thousandths of the width. */
const barsIn = (svg: string) =>
  [...svg.matchAll(/M([\d.]+) [\d.]+H([\d.]+)V/g)].map(([, from, to]) => [Number(from), Number(to)]);

test('bars lie where their times are on the one axis of all timelines', () => {
  expect(barsIn(draw({ start: 0, end: 100 }))).toEqual([
    [0, 100],
    [100, 300],
    [900, 1000],
    [0, 500],
  ]);
});

test('what lies outside of the part that is shown is cut, or not drawn', () => {
  expect(barsIn(draw({ start: 5, end: 25 }))).toEqual([
    [0, 250],
    [250, 1000],
    [0, 1000],
  ]);
});

test('every row is found again by its height, and what is between rows is none', () => {
  const svg = draw({ start: 0, end: 100 });
  const rows = [...svg.matchAll(/<rect class="k-wash"[^>]* y="([\d.]+)" height="([\d.]+)"/g)].map(
    ([, y, height]) => rowAt(timelines, Number(y) + Number(height) / 2),
  );
  expect(rows).toMatchObject([
    { timeline: 0, chip: 0 },
    { timeline: 0, chip: 1 },
    { timeline: 1, chip: 0 },
  ]);
  expect(rowAt(timelines, 3)).toBeUndefined();
  expect(rowAt(timelines, 1e4)).toBeUndefined();
});

test('a window that is none is refused, and an empty one says so', () => {
  expect(() => draw({ start: 0, end: Number.NaN })).toThrow(RangeError);
  expect(draw({ start: 0, end: 0 })).not.toContain('<path');
});

test('bars have the number of their microbatch where there is room, and say what they are where that is wanted', () => {
  const svg = draw({ start: 0, end: 1000 }, { tellsEach: true });
  expect([...svg.matchAll(/<text class="k-over"[^>]*>(\d+)</g)].map(([, n]) => n)).toEqual(['2', '1']);
  expect(svg).toContain(
    '<title>Chip 2, F: forward, stage 2, microbatch 2, from 10.00 ms for 20.00 ms</title>',
  );
  expect(svg).toContain('<title>Chip 2, Update, stage 2, from 90.00 ms for 10.00 ms</title>');
  expect(draw({ start: 0, end: 1000 })).not.toContain('from 10.00 ms');
});

test('however near one looks, the times on the axis differ', () => {
  const times = (start: number, end: number) =>
    [...draw({ start, end }).matchAll(/<text x=[^>]*>([\d.]+)(?: ms)?</g)].map(([, time]) => time!);
  for (const [start, end] of [
    [0, 100],
    [12.34, 12.39],
    [99_999, 100_000],
  ] as const) {
    const shown = times(start, end);
    expect(shown.length).toBeGreaterThan(2);
    expect(new Set(shown).size).toBe(shown.length);
  }
});

test('as a grid it has one stop, and the active bar is its only cell', () => {
  const spans = timelines[1]!.spans;
  const active: ChipGrid['active'] = { id: 'here', row: 2, index: 0, span: spans[0]! };
  const markup = draw({ start: 0, end: 100 }, { grid: { active, 'aria-describedby': 'keys' } });
  expect(markup.match(/tabindex="0"/gi)).toHaveLength(1);
  expect(markup).toMatch(/role="grid"[^>]* aria-rowcount="3"[^>]* aria-activedescendant="here"/);
  expect(markup).toContain('aria-rowindex="3"');
  expect(markup.match(/role="gridcell"/g)).toHaveLength(1);
  expect(markup).toContain(
    'aria-label="simulated, Chip 1, F: forward, stage 1, microbatch 1, from 0.00 ms for 50.00 ms"',
  );
  expect(markup).toMatch(/class="k-ring" x="0%" width="50%"/);
});

test('curves over steps share their scale, and later is further right', () => {
  const svg = renderToStaticMarkup(
    createElement(StepCurves, {
      ...{ title: 'Loss', description: 'By step.', steps: 200, format: String },
      lines: [
        {
          label: 'training',
          shade: 'train',
          points: [
            { step: 1, value: 4 },
            { step: 100, value: 2 },
          ],
        },
        { label: 'validation', shade: 'student', points: [{ step: 100, value: 3 }] },
      ],
    }),
  );
  const [, from, to] = svg.match(/d="M([\d.]+),[\d.]+L([\d.]+),/)!;
  expect([Number(from), Number(to)]).toEqual([5, 500]);
  // The table tells all of them by step.
  expect(svg.match(/<tr>/g)!.length).toBe(3);
  expect(() =>
    renderToStaticMarkup(
      createElement(StepCurves, {
        ...{ title: 'Loss', description: '', steps: 1, format: String },
        lines: [{ label: 'x', shade: 'train', points: [{ step: 1, value: Number.NaN }] }],
      }),
    ),
  ).toThrow(RangeError);
});
