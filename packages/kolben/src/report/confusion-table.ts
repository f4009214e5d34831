/**
 * The confusion table: teacher's labels down, student's across. With many labels, only the mix-ups.
 *
 * @module
 */
import { count } from '../progress/words.ts';
import type { Confusion } from './data.ts';
import { html, type Markup } from './html.ts';

/** More labels than this fit no page; then the most frequent mix-ups are told instead. */
const mostLabels = 10;
const mostRows = 15;

function matrix({ labels, counts }: Confusion, caption: string): Markup {
  const shade = (i: number, j: number) => (counts[i]![j]! === 0 ? '' : i === j ? ' agree' : ' disagree');
  return html`<div class="scroll"><table class="matrix">
    <thead><tr><th scope="col">Teacher ↓ student →</th>${labels.map((label) => html`<th scope="col" class="n"><bdi>${label}</bdi></th>`)}</tr></thead>
    <tbody>${labels.map(
      (label, i) =>
        html`<tr><th scope="row"><bdi>${label}</bdi></th>${labels.map((_, j) => html`<td class="n${shade(i, j)}">${count(counts[i]![j]!)}</td>`)}</tr>`,
    )}</tbody>
    <caption>${caption}</caption>
  </table></div>`;
}

function mixUps({ labels, counts }: Confusion, caption: string): Markup {
  const pairs = counts
    .flatMap((row, i) => row.map((n, j) => ({ teacher: labels[i]!, student: labels[j]!, n, off: i !== j })))
    .filter(({ n, off }) => off && n > 0)
    .sort((a, b) => b.n - a.n);
  const total = pairs.reduce((sum, { n }) => sum + n, 0);
  if (pairs.length === 0) return html`<p>${caption} There is no disagreement.</p>`;
  return html`<div class="scroll"><table>
    <thead><tr><th scope="col">Teacher said</th><th scope="col">student said</th><th scope="col" class="n">times</th></tr></thead>
    <tbody>${pairs.slice(0, mostRows).map(({ teacher, student, n }) => html`<tr><td><bdi>${teacher}</bdi></td><td><bdi>${student}</bdi></td><td class="n">${count(n)}</td></tr>`)}</tbody>
    <caption>${caption} The ${Math.min(mostRows, pairs.length)} most frequent of ${count(pairs.length)} kinds of disagreement, ${count(total)} in all; ${count(labels.length)} labels.</caption>
  </table></div>`;
}

export function confusionTable(confusion: Confusion, caption: string): Markup {
  return confusion.labels.length <= mostLabels ? matrix(confusion, caption) : mixUps(confusion, caption);
}
