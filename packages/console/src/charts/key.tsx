/**
 * Which colour and which dashes stand for what.
 *
 * @module
 */
import { fill, type Shade, stroke } from './shade.ts';

export interface KeyEntry {
  readonly label: string;
  readonly shade: Shade;
  /** For lines: a class that dashes them; absent for areas. */
  readonly dash?: string;
}

export function Key({ entries }: { readonly entries: readonly KeyEntry[] }) {
  return (
    <ul className="k-key">
      {entries.map(({ label, shade, dash }) => (
        <li key={label}>
          <svg viewBox="0 0 14 10" aria-hidden="true">
            {dash === undefined ? (
              <rect className={fill(shade)} x="2" width="10" height="10" rx="2" />
            ) : (
              <line className={`k-curve ${stroke(shade)} ${dash}`} x1="0" x2="14" y1="5" y2="5" />
            )}
          </svg>
          {label}
        </li>
      ))}
    </ul>
  );
}

/** Lines beside each other differ in their dashes too, for who can't tell their colours. */
export function dashOf(i: number): string {
  return ['', 'k-dashed', 'k-dotted'][i % 3]!;
}
