import fc from 'fast-check';
import { expect, test } from 'vitest';
import { oneFOneB } from '../schedule/one-f-one-b.ts';
import { zbH1 } from '../schedule/zero-bubble.ts';
import { simulate } from './simulate.ts';
import { all, type Element, parse, textOf } from './testing/parse-svg.ts';
import { chipUse, startingAt, type Timeline } from './timeline.ts';
import { type TitledTimeline, timelinesSvg } from './timelines-svg.ts';

const counts = { stages: 2, microbatches: 4 };
const costs = { forward: 18.522, backwardInput: 18.086, backwardWeight: 9.337, transfer: 0.601, update: 4 };
const fast = simulate(zbH1(counts), costs);
const slow = startingAt(simulate(oneFOneB(counts), { ...costs, forward: 30, transfer: 7 }), 123_456);
const both: TitledTimeline[] = [
  { title: 'Simulated', timeline: fast },
  { title: 'Measured', timeline: slow },
];

const texts = (svg: Element) => all(svg, 'text').map(textOf);

/** Every bar: where it begins, in pixels, and which time its name tells, in milliseconds. */
function barsOf(element: Element): { at: number; from: number; name: string }[] {
  return all(element, 'path').flatMap((path) => {
    const name = all(path, 'title').map(textOf)[0] ?? '';
    const [, from, unit] = /, ([\d.e+-]+)–[\d.e+-]+ (µs|ms|s)$/.exec(name) ?? [];
    if (from === undefined) return [];
    const at = Number(/^M([\d.-]+) /.exec(path.attributes.d!)![1]);
    return [{ at, from: Number(from) * { µs: 0.001, ms: 1, s: 1000 }[unit as 'ms'], name }];
  });
}

/** How wide the track of each row is, in pixels. The legend's has another height. */
const tracksOf = (svg: Element) =>
  all(svg, 'path').flatMap(({ attributes: { class: name, d } }) => {
    const [, width] = / 0h([\d.]+)v28h/.exec(d!) ?? [];
    return name === 'track' && width !== undefined ? [Number(width)] : [];
  });

test('one well-formed element, whatever the words', () => {
  const title = `<script>alert("1")</script> & 'two' \u0000\ud800 ü 🧪`;
  const kept = `<script>alert("1")</script> & 'two'  ü 🧪`;
  const svg = parse(
    timelinesSvg(
      both.map((one) => ({ ...one, title })),
      { title, description: title },
    ),
  );
  expect(svg.name).toBe('svg');
  expect(svg.attributes).toMatchObject({ role: 'img', 'aria-label': `${kept}. ${kept}` });
  expect(all(svg, 'script')).toEqual([]);
  expect(textOf(all(svg, 'title')[0]!)).toBe(kept);
  expect(textOf(all(svg, 'desc')[0]!)).toBe(kept);
  expect(texts(svg).filter((text) => text.startsWith(kept))).toHaveLength(4);
});

test('who does not see it is told what the headings tell: time, chips and busy share of each', () => {
  const svg = parse(timelinesSvg(both, { title: 'Both' }));
  const facts = String.raw`\d+ ms on 2 chips, \d\d\.\d % busy on average`;
  const description = new RegExp(`^Simulated: ${facts}; Measured: ${facts}$`);
  expect(textOf(all(svg, 'desc')[0]!)).toMatch(description);
  expect(svg.attributes['aria-label']).toMatch(new RegExp(`^Both. Simulated: ${facts}; Measured: ${facts}$`));
  expect(texts(svg).filter((text) => new RegExp(`^(Simulated|Measured)${facts}$`).test(text))).toHaveLength(
    2,
  );
});

test('each chip of each has a row with its busy share of its own timeline', () => {
  const svg = parse(
    timelinesSvg([...both, { title: 'Idle', timeline: { chips: 1, spans: [] } }], { title: 'Rows' }),
  );
  const rows = texts(svg).filter((text) => /^chip \d$|^[\d.]+ %$/.test(text));
  const shares = [fast, slow].map((timeline) =>
    chipUse(timeline).flatMap(({ busyShare }, chip) => [`chip ${chip}`, `${(100 * busyShare).toFixed(1)} %`]),
  );
  expect(rows).toEqual([...shares.flat(), 'chip 0', '0 %']);
});

test('all bars of all timelines are on one scale, from the start of each', () => {
  const time = fc.double({ min: 0, max: 1000, noNaN: true }).map((ms) => Math.round(ms * 1e6) / 1e6);
  const timeline = fc
    .tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.array(fc.tuple(fc.nat(2), time, time), { maxLength: 8 }),
    )
    .map(
      ([chips, zero, spans]): Timeline => ({
        chips,
        spans: spans.map(([chip, start, length], microbatch) => ({
          ...{ chip: chip % chips, kind: 'forward', stage: 0, microbatch, step: 0 },
          start: zero + start,
          end: zero + start + length,
        })),
      }),
    );
  fc.assert(
    fc.property(
      fc.array(timeline, { maxLength: 3 }),
      fc.integer({ min: 300, max: 1500 }),
      (timelines, width) => {
        const svg = parse(
          timelinesSvg(
            timelines.map((one, i) => ({ title: `${i}`, timeline: one })),
            { title: 'Scale', width },
          ),
        );
        const lengths = timelines.map(({ spans }) =>
          spans.length === 0
            ? 0
            : Math.max(...spans.map(({ end }) => end)) - Math.min(...spans.map(({ start }) => start)),
        );
        const plot = Math.max(640, width) - 122;
        const longest = Math.max(0, ...lengths);
        const scale = longest > 0 ? plot / longest : 0;
        const drawn = timelines.flatMap(({ spans }) => {
          const zero = Math.min(...spans.map(({ start }) => start));
          return spans.filter(({ start, end }) => end > start).map(({ start }) => start - zero);
        });
        const bars = barsOf(svg);
        expect(bars).toHaveLength(drawn.length);
        const byTime = (a: number, b: number) => a - b;
        // A name tells two decimals of its unit, a coordinate one of a pixel.
        bars
          .map(({ at }) => at)
          .sort(byTime)
          .forEach((at, i) => {
            expect(Math.abs(at - drawn.sort(byTime)[i]! * scale)).toBeLessThanOrEqual(0.051);
          });
        const unit = longest >= 1 ? 1 : 0.001;
        for (const { at, from } of bars)
          expect(Math.abs(at - from * scale)).toBeLessThanOrEqual(0.051 + 0.0051 * unit * scale);
        // What is waiting or busy ends where its timeline does.
        const tracks = timelines.flatMap(({ chips }, i) =>
          Array.from({ length: chips }, () => lengths[i]! * scale),
        );
        const found = tracksOf(svg);
        expect(found).toHaveLength(tracks.length);
        found.forEach((track, i) => {
          expect(Math.abs(track - tracks[i]!)).toBeLessThanOrEqual(0.051);
        });
      },
    ),
    { seed: 1 },
  );
});

test('a window is of the same time in each', () => {
  const svg = parse(timelinesSvg(both, { title: 'Cut', window: { start: 20, end: 60 } }));
  expect(textOf(all(svg, 'desc')[0]!)).toMatch(
    /^Simulated: 40 ms on 2 chips, .*; Measured: 40 ms on 2 chips, /,
  );
  const names = barsOf(svg).map(({ name }) => name);
  expect(names).toContain('forward 1, 0–17.04 ms');
  expect(names).toContain('forward 0, 0–10 ms');
  const past = parse(timelinesSvg(both, { title: 'Past the end', window: { start: 1e6, end: 2e6 } }));
  expect(barsOf(past)).toEqual([]);
  expect(textOf(all(past, 'desc')[0]!)).toMatch(/^Simulated: 0 ms on 2 chips, 0 % busy on average; /);
});

test('too many spans end all timelines at the same time, and those left out are counted', () => {
  const all12 = fast.spans.length + slow.spans.length;
  const svg = parse(timelinesSvg(both, { title: 'Many', maxSpans: 12 }));
  const bars = barsOf(svg);
  expect(bars.length).toBeLessThanOrEqual(12);
  expect(bars.length).toBeGreaterThan(6);
  expect(texts(svg)).toContain(`${all12 - bars.length} later spans not shown`);
  const [simulated, measured] = textOf(all(svg, 'desc')[0]!).split('; ');
  expect(/\d+(\.\d)? ms/.exec(simulated!)![0]).toBe(/\d+(\.\d)? ms/.exec(measured!)![0]);
});

test('no timelines, and timelines of nothing, are pictures too', () => {
  for (const timelines of [[], [{ title: 'Nothing', timeline: { chips: 2, spans: [] } }]]) {
    const svg = timelinesSvg(timelines, { title: 'Empty' });
    expect(texts(parse(svg))).toContain('0 ms');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  }
  // Times at the edge of what a number can be have no round parts.
  const [span] = fast.spans;
  for (const end of [Number.MIN_VALUE, 1e-300, 1e-12, 1e300]) {
    const timeline = { chips: 1, spans: [{ ...span!, start: 0, end }] };
    expect(timelinesSvg([{ title: 'Edge', timeline }], { title: 'Edge' })).not.toMatch(/NaN|Infinity/);
  }
});

test('the same timelines give the same text, in whatever order their spans are', () => {
  const shuffled = both.map(({ title, timeline }) => ({
    title,
    timeline: { ...timeline, spans: [...timeline.spans].reverse() },
  }));
  expect(timelinesSvg(shuffled, { title: 'Same' })).toBe(timelinesSvg(both, { title: 'Same' }));
});
