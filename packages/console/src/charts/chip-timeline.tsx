/**
 * What chips did and when, several timelines under one another on one time axis: each chip a row, each kind of work a
 * colour, and where nothing is drawn the chip waited.
 *
 * All bars of a row and a kind are one path, so that thousands of them cost as much as a few.
 *
 * @module
 */
import { scaleLinear } from 'd3-scale';
import { Across, across, Nothing } from './axes.tsx';
import { ChartFrame, Stretched, span as width } from './chart-frame.tsx';
import { finite } from './finite.ts';
import { Key } from './key.tsx';
import { useChart } from './settings.tsx';
import { fill, type Shade } from './shade.ts';

/** One stretch of work. */
export interface ChipSpan {
  readonly chip: number;
  readonly kind: string;
  readonly microbatch?: number | undefined;
  /** Milliseconds. */
  readonly start: number;
  readonly end: number;
}

export interface ChipTimelineProps {
  readonly title: string;
  readonly description: string;
  /** Under one another, from the top. */
  readonly timelines: readonly {
    readonly label: string;
    readonly chips: number;
    readonly spans: readonly ChipSpan[];
  }[];
  /** Kinds of work in the order of the key; those that aren't named are not drawn. */
  readonly kinds: readonly {
    readonly kinds: readonly string[];
    readonly label: string;
    readonly shade: Shade;
  }[];
  /** The part that is shown, milliseconds. */
  readonly window: { readonly start: number; readonly end: number };
  /** What a row is called. */
  readonly chipLabel: (chip: number) => string;
}

const rowHeight = 26;
const gap = 4;
const head = 22;
const foot = 26;

/** Height of the drawing of so many timelines of so many chips each, pixels. */
function heightOf(timelines: ChipTimelineProps['timelines']): number {
  return timelines.reduce((sum, { chips }) => sum + head + chips * (rowHeight + gap), foot);
}

/** @throws RangeError where the window is none */
export function ChipTimeline(props: ChipTimelineProps) {
  const { title, description, timelines, kinds, window, chipLabel } = props;
  const { numbers, words } = useChart();
  finite('a window', window.start, window.end);
  if (!(window.end > window.start)) return <Nothing>{words.nothing}</Nothing>;
  const height = heightOf(timelines);
  const x = scaleLinear([window.start, window.end], [0, width]);
  const marks = x
    .ticks(5)
    .map((at) => ({ percent: (x(at) / width) * 100, label: `${numbers.plain(at)} ms` }));
  const tops: number[] = [];
  let y = 0;
  for (const { chips } of timelines) {
    tops.push(y);
    y += head + chips * (rowHeight + gap);
  }
  return (
    <>
      <Key entries={kinds.map(({ label, shade }) => ({ label, shade }))} />
      <ChartFrame title={title} description={description} height={height}>
        {timelines.map(({ label, chips }, i) =>
          Array.from({ length: chips }, (_, chip) => (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: rows are known by their place
              key={`${label} ${chip}`}
              className="k-wash"
              x="0"
              width="100%"
              y={tops[i]! + head + chip * (rowHeight + gap)}
              height={rowHeight}
            />
          )),
        )}
        {marks.map(({ percent }) => (
          <line
            key={percent}
            className="k-line"
            x1={across(percent)}
            x2={across(percent)}
            y1={0}
            y2={height - foot}
          />
        ))}
        <Stretched height={height}>
          {timelines.map(({ label, spans }, i) =>
            kinds.map(({ kinds: own, shade }) => (
              <g key={`${label} ${shade}`} className={fill(shade)}>
                {([0, 1] as const).map((parity) => (
                  <path
                    key={parity}
                    fillOpacity={parity === 0 ? 1 : 0.72}
                    d={bars(
                      spans.filter(
                        ({ kind, microbatch = 0 }) => own.includes(kind) && microbatch % 2 === parity,
                      ),
                      { x, top: tops[i]! + head },
                    )}
                  />
                ))}
              </g>
            )),
          )}
        </Stretched>
        {timelines.map(({ label, chips }, i) => (
          <g key={label}>
            <text className="k-strong" x="0" y={tops[i]! + 15}>
              {label}
            </text>
            {Array.from({ length: chips }, (_, chip) => (
              <text
                // biome-ignore lint/suspicious/noArrayIndexKey: rows are known by their place
                key={chip}
                className="k-strong k-over"
                x="4"
                y={tops[i]! + head + chip * (rowHeight + gap) + rowHeight / 2 + 4}
              >
                {chipLabel(chip)}
              </text>
            ))}
          </g>
        ))}
        <Across marks={marks} y={height - 8} />
      </ChartFrame>
    </>
  );
}

/** Which timeline and chip are drawn at a height, in pixels from the top. */
export function rowAt(
  timelines: ChipTimelineProps['timelines'],
  y: number,
): { readonly timeline: number; readonly chip: number } | undefined {
  let top = 0;
  for (const [timeline, { chips }] of timelines.entries()) {
    const chip = Math.floor((y - top - head) / (rowHeight + gap));
    if (y >= top + head && chip < chips) return { timeline, chip };
    top += head + chips * (rowHeight + gap);
  }
  return undefined;
}

/** Rectangles as one path; what lies outside the drawing is left out. */
function bars(
  spans: readonly ChipSpan[],
  { x, top }: { readonly x: (at: number) => number; readonly top: number },
): string {
  const parts: string[] = [];
  for (const { chip, start, end } of spans) {
    const from = Math.max(0, x(start));
    const to = Math.min(width, x(end));
    if (to <= 0 || from >= width || to < from) continue;
    const y = top + chip * (rowHeight + gap);
    parts.push(`M${from.toFixed(2)} ${y}H${to.toFixed(2)}V${y + rowHeight}H${from.toFixed(2)}Z`);
  }
  return parts.join('');
}
