/**
 * A measurement that tells its value: to whoever points at it, reaches it with the keyboard, or has it read out.
 *
 * @module
 */
import { across, anchorAt, down } from './axes.tsx';
import { fill, type Shade } from './shade.ts';

/** More points than this nobody steps through with the tabulator: then they are in the table alone. */
export const mostStops = 31;

export interface PointProps {
  /** 0 to 100. */
  readonly percent: number;
  /** Pixels from the top. */
  readonly y: number;
  readonly label: string;
  readonly shade: Shade;
  /** Pixels. */
  readonly radius?: number;
}

export function Point({ percent, y, label, shade, radius = 3.5 }: PointProps) {
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it has the focus in order to show its value
    <g className="k-point" role="img" aria-label={label} tabIndex={0}>
      <circle className="k-hit" cx={across(percent)} cy={down(y)} r="12" />
      <circle className={`k-mark ${fill(shade)}`} cx={across(percent)} cy={down(y)} r={radius} />
      <text className="k-value" x={across(percent)} y={down(y - 12)} textAnchor={anchorAt(percent)}>
        {label}
      </text>
    </g>
  );
}
