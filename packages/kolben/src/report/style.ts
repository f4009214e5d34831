/**
 * The report's look: paper and ink by day, slate by night, one column, room to breathe.
 *
 * Colours carry meaning and never stand alone: teal is the student, ochre the teacher, red a disagreement.
 * System typefaces only, for nothing may be fetched.
 *
 * @module
 */
import { chartStyle } from '@kolben/console/charts';

export const style = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1c2226; --soft: #566169; --line: #dfdcd3; --wash: #f1efe8;
  --student: #0f6b66; --student-wash: #d8ebe8; --teacher: #8a5a0b; --teacher-wash: #f4e6cc;
  --wrong: #a83a2a; --wrong-wash: #f6ddd7; --train: #8c9aa3; --quiet: #b9b6ac;
  --first: #44689f; --second: #9a5414; --third: #7a4a9c; --fourth: #4d7030;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181b; --card: #1a2024; --ink: #e7e5df; --soft: #a3adb3; --line: #2f373c; --wash: #20272b;
    --student: #5cc4bb; --student-wash: #17393a; --teacher: #e0b063; --teacher-wash: #3b301b;
    --wrong: #ef8f7d; --wrong-wash: #43241f; --train: #7d8b94; --quiet: #566068;
    --first: #8eb2ea; --second: #eba05c; --third: #c79ce4; --fourth: #a5cf7f;
  }
}
body {
  --chart-ink: var(--ink); --chart-soft: var(--soft); --chart-line: var(--line); --chart-wash: var(--wash); --chart-card: var(--paper); --chart-font: var(--sans);
  --chart-student: var(--student); --chart-student-wash: var(--student-wash); --chart-teacher: var(--teacher);
  --chart-wrong: var(--wrong); --chart-wrong-wash: var(--wrong-wash); --chart-train: var(--train); --chart-quiet: var(--quiet);
  --chart-first: var(--first); --chart-second: var(--second); --chart-third: var(--third); --chart-fourth: var(--fourth);
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 var(--sans); font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
main, header, footer { max-width: 47rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 4.5rem; }
.eyebrow { margin: 0 0 1.25rem; color: var(--soft); font-size: .875rem; letter-spacing: .02em; }
h1 { margin: 0 0 1rem; font: 400 clamp(1.9rem, 5.2vw, 2.85rem)/1.18 var(--serif); letter-spacing: -.012em; text-wrap: balance; }
.lead { margin: 0; font-size: 1.1875rem; line-height: 1.55; color: var(--soft); text-wrap: pretty; }
.lead strong { color: var(--ink); font-weight: 600; }
h2 { margin: 0 0 .9rem; font: 400 1.6rem/1.25 var(--serif); letter-spacing: -.006em; }
h3 { margin: 2rem 0 .5rem; font-size: 1rem; font-weight: 600; }
p { margin: 0 0 1rem; text-wrap: pretty; }
section { margin: 4.5rem 0 0; }
.notice { margin: 2rem 0 0; padding: .9rem 1.15rem; border-left: 3px solid var(--teacher); background: var(--teacher-wash); border-radius: 0 .4rem .4rem 0; }
.notice p:last-child { margin: 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: 2rem 1.5rem; margin: 3rem 0 0; padding: 1.75rem 0 0; border-top: 1px solid var(--line); }
.figures div { display: flex; flex-direction: column; }
.figures dt { order: 2; color: var(--soft); font-size: .875rem; line-height: 1.4; }
.figures dd { margin: 0 0 .35rem; font: 400 2rem/1.1 var(--serif); }
figure { margin: 1.75rem 0; }
figcaption { margin-top: .6rem; color: var(--soft); font-size: .875rem; line-height: 1.5; }
svg { display: block; overflow: visible; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
caption { caption-side: bottom; padding-top: .6rem; color: var(--soft); font-size: .875rem; line-height: 1.5; text-align: left; }
th, td { padding: .5rem .9rem .5rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 500; font-size: .8125rem; }
tbody th { font-weight: 500; }
.n { text-align: right; white-space: nowrap; }
tr.sum th, tr.sum td { border-bottom: 0; font-weight: 600; }
.k-explained { font: 400 1.25rem/1.9 var(--serif); }
ul { margin: 0 0 1rem; padding-left: 1.15rem; }
li { margin: .3rem 0; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 0 2.5rem; }
.two h3 { margin-top: 1rem; }
.two figure { margin: 1rem 0; }
pre { margin: 1rem 0; padding: .9rem 1.1rem; overflow-x: auto; background: var(--wash); border-radius: .4rem; font: .875rem/1.55 var(--mono); }
code { font-family: var(--mono); font-size: .875em; overflow-wrap: anywhere; }
dl.facts { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .45rem 1.5rem; margin: 1.25rem 0; font-size: .9375rem; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
footer { margin-top: 5rem; padding-top: 1.5rem; padding-bottom: 4rem; color: var(--soft); font-size: .875rem; }
${chartStyle}
.k-scroll { margin: 1.5rem 0; }
.k-table .k-scroll { margin: .5rem 0; }
@media (max-width: 34rem) {
  header { padding-top: 2.5rem; }
  section { margin-top: 3.5rem; }
  .figures { grid-template-columns: 1fr 1fr; gap: 1.5rem 1rem; }
  .figures dd { font-size: 1.6rem; }
  dl.facts { grid-template-columns: 1fr; gap: 0; }
  dl.facts dd { margin-bottom: .7rem; }
}
@media print {
  :root { color-scheme: light;
    --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; --wash: #f3f3f3;
    --student: #0f6b66; --student-wash: #d8ebe8; --teacher: #8a5a0b; --teacher-wash: #f4e6cc;
    --wrong: #a83a2a; --wrong-wash: #f6ddd7; --train: #8c9aa3; --quiet: #b9b6ac;
    --first: #44689f; --second: #9a5414; --third: #7a4a9c; --fourth: #4d7030; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { font-size: 10.5pt; }
  main, header, footer { max-width: none; padding: 0; }
  header { padding-top: 0; }
  section { margin-top: 2.2rem; }
  figure, table, pre, .notice, .figures, dl.facts { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .k-scroll { overflow: visible; }
}
@page { margin: 18mm; }
`;
