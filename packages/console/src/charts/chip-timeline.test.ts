import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { ChipTimeline, type ChipTimelineProps, rowAt } from './chip-timeline.tsx';
import { StepCurves } from './step-curves.tsx';

const timelines: ChipTimelineProps['timelines'] = [
  {
    label: 'real',
    chips: 2,
    spans: [
      { chip: 0, kind: 'forward', microbatch: 0, start: 0, end: 10 },
      { chip: 1, kind: 'forward', microbatch: 1, start: 10, end: 30 },
      { chip: 1, kind: 'update', start: 90, end: 100 },
    ],
  },
  { label: 'simulated', chips: 1, spans: [{ chip: 0, kind: 'forward', microbatch: 0, start: 0, end: 50 }] },
];

function draw(window: { start: number; end: number }): string {
  return renderToStaticMarkup(
    createElement(ChipTimeline, {
      ...{ title: 'Timeline', description: 'What chips did.', timelines, window },
      kinds: [
        { kinds: ['forward'], label: 'F', shade: 'first' },
        { kinds: ['update'], label: 'U', shade: 'fourth' },
      ],
      chipLabel: (chip) => `Chip ${chip + 1}`,
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
  expect(rows).toEqual([
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
