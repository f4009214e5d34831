/**
 * The certificate in words, with its numbers, and with what it does not promise.
 *
 * @module
 */
import { confidence, counted, percent, plainPercent } from '../../progress/words.ts';
import type { ReportData } from '../data.ts';

function NotPromised() {
  return (
    <ul>
      <li>Agreement is not truth: where the teacher errs, a faithful student errs with it.</li>
      <li>It holds on average over all answered calls, not for each person, label or subgroup.</li>
      <li>
        It holds for calls like those it was drawn from. When the calls change, it has to be drawn anew.
      </li>
    </ul>
  );
}

export function CertificateSection({ data: { certificate, reason } }: { readonly data: ReportData }) {
  if (certificate === null) {
    return (
      <section>
        <h2>No certificate</h2>
        <p>
          {reason ?? 'The student did not earn one.'} Without a certificate the student answers nothing by
          itself: on the route <code>cascade</code> every call goes to the teacher.
        </p>
      </section>
    );
  }
  const { alpha, delta, threshold, coverage, coverageInterval, disagreementUpperBound, n } = certificate;
  return (
    <section>
      <h2>What is certified</h2>
      <p>
        Where this student answers, it agrees with the teacher in at least{' '}
        <strong>{plainPercent(1 - alpha)}</strong> of cases. The procedure that says so errs in at most{' '}
        {plainPercent(delta)} of the draws of its calibration examples.
      </p>
      <dl className="facts">
        <dt>It answers from</dt>
        <dd>a confidence of {confidence(threshold)}</dd>
        <dt>It then answers</dt>
        <dd>
          {percent(coverage)} of the calls (95 % interval {percent(coverageInterval[0])} to{' '}
          {percent(coverageInterval[1])})
        </dd>
        <dt>Disagreement, at most</dt>
        <dd>
          {percent(disagreementUpperBound, 2)}, from {counted(n, 'calibration example')} that it would answer;{' '}
          {plainPercent(alpha)} are allowed
        </dd>
      </dl>
      <h3>What it does not promise</h3>
      <NotPromised />
    </section>
  );
}
