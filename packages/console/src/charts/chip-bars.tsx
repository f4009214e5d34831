/**
 * The bars of one timeline: each kind of work a colour, neighbouring microbatches a little paler by turns.
 *
 * All bars of a colour are one path, so that thousands of them cost as much as a few; what lies outside of the part that
 * is shown isn't drawn. Whoever wants to point at a bar and read what it is, without a script, pays with an element each.
 *
 * @module
 */
import { scaleLinear } from 'd3-scale';
import { memo } from 'react';
import { across, down } from './axes.tsx';
import { Stretched, span as width } from './chart-frame.tsx';
import { barHeight, type ChipRow } from './chip-rows.ts';
import { type ChipSpan, chipWork, tellSpan, workOf } from './chip-work.ts';
import { useChart } from './settings.tsx';
import { fill } from './shade.ts';

export interface ChipBarsProps {
  readonly spans: readonly ChipSpan[];
  /** Of each chip. */
  readonly rows: readonly ChipRow[];
  /** Of the whole drawing. */
  readonly height: number;
  /** Milliseconds at its left and right edge. */
  readonly start: number;
  readonly end: number;
  readonly tellsEach: boolean;
}

/** A bar with less room for a digit of its number, thousandths of the width, stays without it. */
const digitRoom = 20;
const palerOpacity = 0.8;

/** Drawn anew only where what it shows has changed, not when the focus goes from bar to bar. */
export const ChipBars = memo(function ChipBars(props: ChipBarsProps) {
  const { height, tellsEach } = props;
  const { numbers, words } = useChart();
  const drawn = visible(props);
  return (
    <>
      <Stretched height={height}>
        {chipWork.map(({ shade }) =>
          [false, true].map((isPaler) => {
            const own = drawn.filter((bar) => bar.isPaler === isPaler && bar.shade === shade);
            if (own.length === 0) return null;
            return (
              <g
                key={`${shade} ${isPaler}`}
                className={fill(shade)}
                fillOpacity={isPaler ? palerOpacity : undefined}
              >
                {tellsEach ? (
                  own.map((bar) => (
                    <path key={`${bar.top} ${bar.span.start}`} d={outline(bar)}>
                      <title>{tellSpan(bar.span, { words, numbers })}</title>
                    </path>
                  ))
                ) : (
                  <path d={own.map(outline).join('')} />
                )}
              </g>
            );
          }),
        )}
      </Stretched>
      {drawn.map(({ span: { microbatch }, from, to, top }) => {
        if (microbatch === undefined) return null;
        const label = numbers.count(microbatch + 1);
        if (to - from < label.length * digitRoom) return null;
        return (
          <text
            key={`${top} ${from}`}
            className="k-over"
            x={across((from + to) / 2 / (width / 100))}
            y={down(top + barHeight / 2 + 4)}
            textAnchor="middle"
          >
            {label}
          </text>
        );
      })}
    </>
  );
});

interface Bar {
  readonly span: ChipSpan;
  readonly shade: string;
  readonly isPaler: boolean;
  /** Thousandths of the width. */
  readonly from: number;
  readonly to: number;
  readonly top: number;
}

/** The bars that can be seen, cut where the drawing ends. */
function visible({ spans, rows, start, end }: ChipBarsProps): Bar[] {
  const x = scaleLinear([start, end], [0, width]).clamp(true);
  const found: Bar[] = [];
  for (const span of spans) {
    if (span.end <= start || span.start >= end) continue;
    const shade = workOf(span)?.shade;
    const top = rows[span.chip]?.top;
    if (shade === undefined || top === undefined) continue;
    const isPaler = (span.microbatch ?? 0) % 2 === 1;
    found.push({ span, shade, isPaler, from: x(span.start), to: x(span.end), top });
  }
  return found;
}

function outline({ from, to, top }: Bar): string {
  return `M${from.toFixed(2)} ${top}H${to.toFixed(2)}V${top + barHeight}H${from.toFixed(2)}Z`;
}
