import { expect, test } from 'vitest';
import { oneFOneB } from '../schedule/one-f-one-b.ts';
import { simulate } from './simulate.ts';
import { all, parse, textOf } from './testing/parse-svg.ts';
import type { Timeline } from './timeline.ts';
import { timelineSvg } from './timeline-svg.ts';

const costs = { forward: 18.522, backwardInput: 18.086, backwardWeight: 9.337, transfer: 0.601, update: 4 };
const two = simulate(oneFOneB({ stages: 2, microbatches: 4 }), costs, { steps: 2 });

const titles = (svg: string): string[] => all(parse(svg), 'title').map(textOf);

test('one well-formed element, whatever the words', () => {
  const title = `<script>alert("1")</script> & 'two' \u0000\ud800 ü 🧪`;
  const svg = parse(timelineSvg(two, { title, description: 'a < b & c > d' }));
  expect(svg.name).toBe('svg');
  expect(svg.attributes.role).toBe('img');
  expect(svg.attributes['aria-label']).toBe(`<script>alert("1")</script> & 'two'  ü 🧪. a < b & c > d`);
  expect(all(svg, 'script')).toEqual([]);
  expect(textOf(all(svg, 'desc')[0]!)).toBe('a < b & c > d');
});

test('every span that took time has a bar with its name and times', () => {
  const names = titles(timelineSvg(two, { title: 'Two chips' }));
  expect(
    names.filter((name) => /^(forward|input gradient|weight gradient|update)\b/.test(name)),
  ).toHaveLength(two.spans.length);
  expect(names).toContain('forward 0, 0–18.52 ms');
  expect(names.filter((name) => name.startsWith('step '))).toHaveLength(4);
});

test('the description tells time, chips and busy share', () => {
  const svg = parse(timelineSvg(two, { title: 'Two chips' }));
  expect(textOf(all(svg, 'desc')[0]!)).toMatch(/^\d+ ms on 2 chips, \d\d\.\d % busy on average$/);
});

test('a row for each chip, with or without work', () => {
  const texts = all(parse(timelineSvg({ ...two, chips: 3 }, { title: 'Three' })), 'text').map(textOf);
  expect(texts.filter((text) => text.startsWith('chip '))).toEqual(['chip 0', 'chip 1', 'chip 2']);
  expect(texts).toContain('0 %');
});

test('a window shows what is in it, from zero', () => {
  const names = titles(timelineSvg(two, { title: 'Cut', window: { start: 10, end: 30 } }));
  expect(names).toContain('forward 0, 0–8.52 ms');
  expect(names.some((name) => name.startsWith('update'))).toBe(false);
});

test('the same timeline gives the same text, in whatever order its spans are', () => {
  const shuffled = { ...two, spans: [...two.spans].reverse() };
  expect(timelineSvg(shuffled, { title: 'Same' })).toBe(timelineSvg(two, { title: 'Same' }));
});

test('many spans stay small: coordinates are short, and later spans are left out and counted', () => {
  const many = simulate(oneFOneB({ stages: 4, microbatches: 32 }), costs, { steps: 20 });
  const whole = timelineSvg(many, { title: 'Many', maxSpans: many.spans.length });
  expect(whole.length / many.spans.length).toBeLessThan(110);
  expect(whole).not.toMatch(/\.\d{3,}/);
  const svg = parse(timelineSvg(many, { title: 'Many', maxSpans: 500 }));
  const bars = all(svg, 'title')
    .map(textOf)
    .filter((name) => / ms$/.test(name));
  expect(bars).toHaveLength(500);
  expect(all(svg, 'text').map(textOf)).toContain(`${many.spans.length - 500} later spans not shown`);
});

test.each<[string, Timeline, RegExp]>([
  ['nothing at all', { chips: 1, spans: [] }, /^0 ms$/],
  [
    'microseconds',
    { chips: 1, spans: [{ chip: 0, kind: 'forward', stage: 0, step: 0, start: 5, end: 5.4 }] },
    /^100 µs$/,
  ],
  ['milliseconds', two, /^100 ms$/],
  [
    'minutes',
    { chips: 1, spans: [{ chip: 0, kind: 'send', stage: 0, step: 0, start: 0, end: 90_000 }] },
    /^20 s$/,
  ],
])('the axis has round times: %s', (_, timeline, label) => {
  const texts = all(parse(timelineSvg(timeline, { title: 'Axis' })), 'text').map(textOf);
  expect(texts.filter((text) => label.test(text))).toHaveLength(1);
});

test('bars stand out from white and from near-black, and their letters from them', () => {
  const luminance = (hex: string): number => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const contrast = (a: string, b: string): number => {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light! + 0.05) / (dark! + 0.05);
  };
  const colours = [...timelineSvg(two, { title: 'Colours' }).matchAll(/fill:(#[0-9a-f]{6});/g)].map(
    ([, hex]) => hex!,
  );
  expect(colours).toHaveLength(6);
  for (const colour of colours) {
    expect(contrast(colour, '#ffffff'), `${colour} under white letters`).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour, '#16181c'), `${colour} on near-black`).toBeGreaterThanOrEqual(3);
  }
});
