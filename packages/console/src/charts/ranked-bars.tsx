/**
 * Things beside each other, each with its amounts and a note of where it comes from: the words wrap, so it is a list that draws.
 *
 * @module
 */
import { Fragment } from 'react';
import { across, Nothing } from './axes.tsx';
import { finite } from './finite.ts';
import { useChart } from './settings.tsx';
import { fill, type Shade } from './shade.ts';

export interface RankedBar {
  readonly label: string;
  readonly bars: readonly {
    readonly label: string;
    /** 0 or more, as `format` reads it. */
    readonly value: number;
    readonly shade: Shade;
  }[];
  /** Where the values come from, and of which day they are. */
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
  const values = rows.flatMap(({ bars }) => bars.map(({ value }) => value));
  finite('a value', ...values.map((value) => (value < 0 ? Number.NaN : value)));
  if (rows.length === 0) return <Nothing>{words.nothing}</Nothing>;
  const highest = Math.max(...values);
  return (
    <ul className="k-ranked" aria-label={title}>
      {rows.map(({ label, bars, note }) => (
        <li key={label}>
          <strong>
            <bdi>{label}</bdi>
          </strong>
          {bars.map((bar) => (
            <Fragment key={bar.label}>
              <span>{bar.label}</span>
              <span className="k-amount">{format(bar.value)}</span>
              <svg className="k-chart" width="100%" height="10" aria-hidden="true">
                <rect className="k-wash" width="100%" height="10" rx="3" />
                <rect
                  className={fill(bar.shade)}
                  width={across(highest > 0 ? (bar.value / highest) * 100 : 0)}
                  height="10"
                  rx="3"
                />
              </svg>
            </Fragment>
          ))}
          {note !== undefined && <span className="k-note">{note}</span>}
        </li>
      ))}
    </ul>
  );
}
