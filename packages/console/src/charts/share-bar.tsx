/**
 * One whole, cut into its parts: a bar, and a key that names every part with its count.
 *
 * @module
 */
import { across, Nothing } from './axes.tsx';
import { ChartFrame } from './chart-frame.tsx';
import { finite } from './finite.ts';
import { Key } from './key.tsx';
import { useChart } from './settings.tsx';
import { fill, type Shade } from './shade.ts';

export interface Part {
  readonly label: string;
  /** A count, 0 or more. */
  readonly value: number;
  readonly shade: Shade;
}

/** @throws RangeError where a value is negative or none */
export function ShareBar({ title, parts }: { readonly title: string; readonly parts: readonly Part[] }) {
  const { numbers, words } = useChart();
  finite('a part', ...parts.map(({ value }) => (value < 0 ? Number.NaN : value)));
  if (parts.length === 0) return <Nothing>{words.nothing}</Nothing>;
  const whole = parts.reduce((sum, { value }) => sum + value, 0);
  const share = (value: number) => (whole > 0 ? value / whole : 0);
  const before = parts.map((_, i) => parts.slice(0, i).reduce((sum, { value }) => sum + share(value), 0));
  const told = parts.map(({ label, value }) => `${label}: ${numbers.count(value)}`).join('; ');
  return (
    <figure className="k-figure">
      <Key
        entries={parts.map(({ label, value, shade }) => ({
          label: `${label}: ${numbers.count(value)} (${numbers.percent(share(value))})`,
          shade,
        }))}
      />
      <ChartFrame title={title} description={told} height={30}>
        {parts.map(({ label, value, shade }, i) => (
          <rect
            key={label}
            className={fill(shade)}
            x={across(before[i]! * 100)}
            y="0"
            width={across(share(value) * 100)}
            height="30"
          />
        ))}
      </ChartFrame>
    </figure>
  );
}
