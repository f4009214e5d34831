/**
 * A curve with the band of its interval, where it has one.
 *
 * @module
 */
import { dashOf } from './key.tsx';
import { fill, type Shade, stroke } from './shade.ts';

export interface BandedCurveProps {
  readonly shade: Shade;
  /** Which of the lines it is: they differ in their dashes. */
  readonly place: number;
  /** Paths; null where there is nothing to draw. */
  readonly curve: string | null;
  readonly band: string | null;
}

export function BandedCurve({ shade, place, curve, band }: BandedCurveProps) {
  return (
    <g>
      {band !== null && <path className={`k-band ${fill(shade)}`} d={band} />}
      <path
        className={`k-curve ${stroke(shade)} ${dashOf(place)}`}
        vectorEffect="non-scaling-stroke"
        d={curve ?? ''}
      />
    </g>
  );
}
