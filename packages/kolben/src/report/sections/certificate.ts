/**
 * The certificate in words, with its numbers, and with what it does not promise.
 *
 * @module
 */
import { counted, percent, plainPercent } from '../../progress/words.ts';
import type { ReportData } from '../data.ts';
import { html, type Markup } from '../html.ts';

const notPromised = html`<ul>
  <li>Agreement is not truth: where the teacher errs, a faithful student errs with it.</li>
  <li>It holds on average over all answered calls, not for each person, label or subgroup.</li>
  <li>It holds for calls like those it was drawn from. When the calls change, it has to be drawn anew.</li>
</ul>`;

export function certificateSection(data: ReportData): Markup {
  const { certificate } = data;
  if (certificate === null) {
    return html`<section>
      <h2>No certificate</h2>
      <p>${data.reason ?? 'The student did not earn one.'} Without a certificate the student answers nothing by itself: on the route <code>cascade</code> every call goes to the teacher.</p>
    </section>`;
  }
  const { alpha, delta, threshold, coverage, coverageInterval, disagreementUpperBound, n } = certificate;
  return html`<section>
    <h2>What is certified</h2>
    <p>Where this student answers, it agrees with the teacher in at least <strong>${plainPercent(1 - alpha)}</strong> of cases. The procedure that says so errs in at most
      ${plainPercent(delta)} of the draws of its calibration examples.</p>
    <dl class="facts">
      <dt>It answers from</dt><dd>a confidence of ${threshold.toFixed(4)}</dd>
      <dt>It then answers</dt><dd>${percent(coverage)} of the calls (95 % interval ${percent(coverageInterval[0])} to ${percent(coverageInterval[1])})</dd>
      <dt>Disagreement, at most</dt><dd>${percent(disagreementUpperBound, 2)}, from ${counted(n, 'calibration example')} that it would answer; ${plainPercent(alpha)} are allowed</dd>
    </dl>
    <h3>What it does not promise</h3>
    ${notPromised}
  </section>`;
}
