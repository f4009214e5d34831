/**
 * Amounts beside each other, each with a note of where it comes from: the words wrap, so it is a list that draws.
 *
 * @module
 */
import { across, Nothing } from './axes.tsx';
import { finite } from './finite.ts';
import { useChart } from './settings.tsx';
import { fill, type Shade } from './shade.ts';

export interface RankedBar {
  readonly label: string;
  /** 0 or more, as `format` reads it. */
  readonly value: number;
  readonly shade: Shade;
  /** Where the value comes from, and of which day it is. */
  readonly note?: string;
}

export interface RankedBarsProps {
  readonly title: string;
  /** In the order in which they are shown. */
  readonly rows: readonly RankedBar[];
  readonly format: (value: number) => string;
}

/** @throws RangeError where a value is negative or none */
export function RankedBars({ title, rows, format }: RankedBarsProps) {
  const { words } = useChart();
  finite('a value', ...rows.map(({ value }) => (value < 0 ? Number.NaN : value)));
  if (rows.length === 0) return <Nothing>{words.nothing}</Nothing>;
  const highest = Math.max(...rows.map(({ value }) => value));
  return (
    <ul className="k-ranked" aria-label={title}>
      {rows.map(({ label, value, shade, note }) => (
        <li key={label}>
          <span>
            <bdi>{label}</bdi>
          </span>
          <span className="k-amount">{format(value)}</span>
          <svg className="k-chart" width="100%" height="10" aria-hidden="true">
            <rect className="k-wash" width="100%" height="10" rx="3" />
            <rect
              className={fill(shade)}
              width={across(highest > 0 ? (value / highest) * 100 : 0)}
              height="10"
              rx="3"
            />
          </svg>
          {note !== undefined && <span className="k-note">{note}</span>}
        </li>
      ))}
    </ul>
  );
}
