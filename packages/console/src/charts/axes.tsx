/**
 * The lines and numbers behind the data.
 *
 * @module
 */
import type { ReactNode } from 'react';

/** Shares of the width in percent, as SVG takes them. */
export const across = (percent: number) => `${Number(percent.toFixed(3))}%`;

/** Pixels, rounded to what a screen shows. */
export const down = (pixels: number) => Number(pixels.toFixed(1));

/** A scale that d3 made, as far as axes need it. */
interface Upwards {
  (value: number): number;
  ticks(count: number): number[];
}

const lines = 4;

/** Lines at round values, behind the data. */
export function Grid({ y }: { readonly y: Upwards }) {
  return y
    .ticks(lines)
    .map((value) => (
      <line
        key={value}
        className={value === 0 ? 'k-line k-zero' : 'k-line'}
        x1="0"
        x2="100%"
        y1={down(y(value))}
        y2={down(y(value))}
      />
    ));
}

/** The number of each line above its left end: drawn after the data, which would run over it. */
export function GridNumbers({
  y,
  format,
}: {
  readonly y: Upwards;
  readonly format: (value: number) => string;
}) {
  return y.ticks(lines).map((value) => (
    <text key={value} className="k-on-data" x="0" y={down(y(value) - 5)}>
      {format(value)}
    </text>
  ));
}

export interface AcrossMark {
  /** 0 to 100. */
  readonly percent: number;
  readonly label: string;
}

/** Half of a character, in percent of a drawing on the smallest phone. */
const halfCharacter = 1.3;

/** Labels below the data; those at the edges stay within them. */
export function Across({ marks, y }: { readonly marks: readonly AcrossMark[]; readonly y: number }) {
  return marks.map(({ percent, label }) => {
    const half = label.length * halfCharacter;
    const at = percent < half ? 0 : percent > 100 - half ? 100 : percent;
    return (
      <text key={percent} x={across(at)} y={y} textAnchor={anchorAt(at, 0.1)}>
        {label}
      </text>
    );
  });
}

/** Where a label of `margin` percent of half a width must begin or end in order to stay on the drawing. */
export function anchorAt(percent: number, margin = 15): 'start' | 'middle' | 'end' {
  return percent < margin ? 'start' : percent > 100 - margin ? 'end' : 'middle';
}

/** A line across that must not be passed, with its name where neither axis nor the last values are. */
export function Limit({ y, label }: { readonly y: number; readonly label: string }) {
  return (
    <g>
      <line className="k-limit" x1="0" x2="100%" y1={down(y)} y2={down(y)} />
      <text className="k-on-data" x="45%" y={down(y - 5)} textAnchor="middle">
        {label}
      </text>
    </g>
  );
}

/** A drawing that has nothing to show says so, in words. */
export function Nothing({ children }: { readonly children: ReactNode }) {
  return <p className="k-nothing">{children}</p>;
}
