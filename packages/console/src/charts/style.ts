/**
 * The look of the charts: shapes here, colours as custom properties that the page may set.
 *
 * A page whose policy forbids style sheets in the markup takes these up by `new CSSStyleSheet()`.
 *
 * @module
 */
import type { Shade } from './shade.ts';

const shades: readonly Shade[] = [
  'student',
  'teacher',
  'wrong',
  'quiet',
  'train',
  'first',
  'second',
  'third',
  'fourth',
];

/** Colours for pages that set `color-scheme` and have none of their own: dark and light. */
export const chartColours = `
:root {
  --chart-ink: light-dark(#1c2226, #e7e5df); --chart-soft: light-dark(#566169, #a3adb3);
  --chart-line: light-dark(#dfdcd3, #3a4349); --chart-wash: light-dark(#f1efe8, #20272b); --chart-card: light-dark(#ffffff, #1a2024);
  --chart-student: light-dark(#0f6b66, #5cc4bb); --chart-teacher: light-dark(#8a5a0b, #e0b063);
  --chart-student-wash: light-dark(#d8ebe8, #17393a); --chart-wrong-wash: light-dark(#f6ddd7, #43241f);
  --chart-wrong: light-dark(#a83a2a, #ef8f7d); --chart-quiet: light-dark(#8d897c, #7c868d); --chart-train: light-dark(#74828b, #93a0a8);
  --chart-first: light-dark(#44689f, #8eb2ea); --chart-second: light-dark(#9a5414, #eba05c);
  --chart-third: light-dark(#7a4a9c, #c79ce4); --chart-fourth: light-dark(#4d7030, #a5cf7f);
}
.k-figure { margin: 0 0 1rem; }
`;

export const chartStyle = `
.k-chart { display: block; overflow: visible; }
.k-chart text { font: .8125rem var(--chart-font, inherit); fill: var(--chart-soft); font-variant-numeric: tabular-nums; }
.k-chart text.k-strong { fill: var(--chart-ink); font-weight: 600; }
.k-line { stroke: var(--chart-line); stroke-width: 1; fill: none; }
.k-zero { stroke: var(--chart-soft); }
.k-limit { stroke: var(--chart-train); stroke-width: 1.25; stroke-dasharray: 5 4; fill: none; }
.k-curve { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.k-curve.k-thin { stroke-width: 1.25; }
.k-dashed { stroke-dasharray: 7 4; } .k-dotted { stroke-dasharray: 2 4; }
.k-band { stroke: none; fill-opacity: .18; }
.k-wash { fill: var(--chart-wash); }
.k-point { outline: none; cursor: default; }
.k-point .k-value { visibility: hidden; fill: var(--chart-ink); font-weight: 600; paint-order: stroke; stroke: var(--chart-card); stroke-width: 4px; stroke-linejoin: round; pointer-events: none; }
.k-chart .k-on-data { paint-order: stroke; stroke: var(--chart-card); stroke-width: 4px; stroke-linejoin: round; pointer-events: none; }
.k-point:hover .k-value, .k-point:focus .k-value { visibility: visible; }
.k-point:focus-visible .k-mark { stroke: var(--chart-ink); stroke-width: 2; }
.k-chart .k-over { fill: var(--chart-ink); font-size: .75rem; paint-order: stroke; stroke: var(--chart-card); stroke-width: 3px; stroke-linejoin: round; pointer-events: none; }
.k-active { opacity: 0; pointer-events: none; }
.k-grid:focus .k-active { opacity: 1; }
.k-halo, .k-ring { fill: none; }
.k-halo { stroke: var(--chart-card); stroke-width: 10px; } .k-ring { stroke: var(--chart-ink); stroke-width: 6px; }
@media (forced-colors: active) { .k-halo { stroke: Canvas; } .k-ring { stroke: Highlight; } }
.k-chart .k-hit { fill: transparent; stroke: none; }
${shades.map((shade) => `.k-fill-${shade} { fill: var(--chart-${shade}); } .k-stroke-${shade} { stroke: var(--chart-${shade}); }`).join('\n')}
.k-key { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; margin: 0 0 .75rem; padding: 0; list-style: none; color: var(--chart-soft); font-size: .875rem; }
.k-key li { display: flex; align-items: center; gap: .5rem; margin: 0; }
.k-key svg { width: 1.1rem; height: .8rem; flex: none; overflow: visible; }
.k-table { margin: .6rem 0 0; font-size: .875rem; }
.k-table summary { color: var(--chart-soft); cursor: pointer; width: fit-content; }
.k-scroll { overflow-x: auto; max-width: 100%; position: relative; }
.k-scroll table { border-collapse: collapse; width: 100%; }
.k-scroll th, .k-scroll td { padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--chart-line); text-align: left; vertical-align: baseline; }
.k-scroll .n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.k-scroll thead th { color: var(--chart-soft); font-weight: 500; font-size: .8125rem; }
.k-scroll caption { caption-side: bottom; padding-top: .6rem; color: var(--chart-soft); font-size: .875rem; line-height: 1.5; text-align: left; }
.k-scroll .matrix td.n, .k-scroll .matrix th.n { padding-left: .9rem; padding-right: .9rem; }
.k-scroll .agree { background: var(--chart-student-wash); }
.k-scroll .disagree { background: var(--chart-wrong-wash); }
.k-ranked { list-style: none; margin: 0; padding: 0; }
.k-ranked li { margin: 0 0 1rem; display: grid; grid-template-columns: 1fr auto; gap: .15rem 1rem; overflow-wrap: anywhere; }
.k-ranked strong, .k-ranked svg { grid-column: 1 / -1; display: block; }
.k-ranked .k-amount { font-weight: 600; font-variant-numeric: tabular-nums; }
.k-ranked .k-note { grid-column: 1 / -1; color: var(--chart-soft); font-size: .8125rem; }
.k-explained { white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.9; }
.k-explained mark { color: inherit; background: none; border-radius: .2rem; padding: .1em 0; }
mark.k-for { background: color-mix(in srgb, var(--chart-student-wash) 55%, transparent); } mark.k-for.k-strongly { background: var(--chart-student-wash); box-shadow: inset 0 -.15em var(--chart-student); }
mark.k-against { background: color-mix(in srgb, var(--chart-wrong-wash) 55%, transparent); } mark.k-against.k-strongly { background: var(--chart-wrong-wash); box-shadow: inset 0 -.15em var(--chart-wrong); }
@media print { .k-table:not([open]) { display: none; } }
`;
