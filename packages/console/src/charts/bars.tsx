/**
 * A few shares side by side, each with its name above its bar and its value behind it.
 *
 * @module
 */
import { across, Nothing } from './axes.tsx';
import { ChartFrame } from './chart-frame.tsx';
import { shares } from './finite.ts';
import { useChart } from './settings.tsx';
import { fill, type Shade } from './shade.ts';

export interface Bar {
  readonly label: string;
  /** 0 to 1. */
  readonly share: number;
  readonly shade: Shade;
}

const rowHeight = 52;

/** @throws RangeError where a share isn't one */
export function Bars({ title, rows }: { readonly title: string; readonly rows: readonly Bar[] }) {
  const { numbers, words } = useChart();
  shares('a share', ...rows.map(({ share }) => share));
  if (rows.length === 0) return <Nothing>{words.nothing}</Nothing>;
  const told = rows.map(({ label, share }) => `${label}: ${numbers.percent(share)}`).join('; ');
  return (
    <ChartFrame title={title} description={told} height={rows.length * rowHeight - 14}>
      {rows.map(({ label, share, shade }, i) => {
        const y = i * rowHeight;
        return (
          <g key={label}>
            <text x="0" y={y + 14}>
              {label}
            </text>
            <text className="k-strong" x="100%" y={y + 14} textAnchor="end">
              {numbers.percent(share)}
            </text>
            <rect className="k-wash" x="0" y={y + 22} width="100%" height="12" rx="3" />
            <rect className={fill(shade)} x="0" y={y + 22} width={across(share * 100)} height="12" rx="3" />
          </g>
        );
      })}
    </ChartFrame>
  );
}
