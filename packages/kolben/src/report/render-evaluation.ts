/**
 * An evaluation as a page: when a student can be relied on, where it can't, and whether its inputs have changed.
 *
 * @module
 */
import type {
  Certificate,
  Divergence,
  Drift,
  EvalDetails,
  EvalReport,
  Explanation,
  Judged,
} from '@kolben/distill';
import { count, counted, milliseconds, percent, plainPercent } from '../progress/words.ts';
import { reliabilityDiagram } from './charts/reliability-diagram.ts';
import { riskCurve } from './charts/risk-curve.ts';
import { html, type Markup } from './html.ts';
import { renderPage } from './page.ts';
import { markedText } from './render-explanation.ts';

export interface EvaluationPage {
  readonly report: EvalReport & { readonly details: EvalDetails };
  readonly task: string;
  /** What the examples are called. */
  readonly source: string;
  readonly digest: string;
  readonly certificate: Certificate | null;
  /** Of the disagreements, some with what decided: by their text. */
  readonly explained: ReadonlyMap<string, Explanation>;
}

export function renderEvaluation(page: EvaluationPage): string {
  const { report, task, source, digest, certificate } = page;
  const { details } = report;
  return renderPage({
    title: `Kolben: evaluation of ${task}`,
    header: html`<header>
    <p class="eyebrow">Kolben · task <bdi>${task}</bdi></p>
    <h1>The student agrees with the teacher on ${percent(report.agreement)} of ${counted(report.n, 'example')}.</h1>
    <p class="lead">${answered(report)}</p>
    <dl class="figures">
      <div><dt>agreement on all</dt><dd>${percent(report.agreement)}</dd></div>
      <div><dt>answered under the certificate</dt><dd>${percent(report.coverage)}</dd></div>
      <div><dt>calibration error</dt><dd>${percent(details.calibrationError)}</dd></div>
      <div><dt>median time of one answer</dt><dd>${milliseconds(report.latencyMs.p50)}</dd></div>
    </dl>
  </header>`,
    main: [
      html`<section>
    <h2>How much it can answer, at which risk</h2>
    <figure>${riskCurve({
      points: details.riskCoverage,
      certified:
        report.disagreementAmongAnswered === null
          ? null
          : { coverage: report.coverage, disagreement: report.disagreementAmongAnswered },
      alpha: certificate?.alpha ?? null,
    })}
    <figcaption>Across: the share of the examples that is answered, the surest first. Up: on how many of these student and teacher disagree. ${certificate ? 'The dot is where the certificate’s threshold lies.' : 'There is no certificate.'} Mean over all coverages: ${percent(details.riskArea, 2)}.</figcaption></figure>
  </section>`,
      html`<section>
    <h2>Whether its confidence is honest</h2>
    <figure>${reliabilityDiagram(details.reliability)}
    <figcaption>Bars: the share of answers that the teacher agrees with, by confidence. Dots: what the confidence promised. Expected calibration error ${percent(details.calibrationError, 2)}.</figcaption></figure>
  </section>`,
      apart(details),
      worthReading(details, page.explained),
      drift(details.drift),
      html`<section>
    <h2>Where it comes from</h2>
    <dl class="facts">
      <dt>Examples</dt><dd><code>${source}</code></dd>
      <dt>Digest of the student</dt><dd><code>${digest}</code></dd>
    </dl>
  </section>`,
    ],
  });
}

function answered({ answered, coverage, disagreementAmongAnswered, upperBound95 }: EvalReport): string {
  if (disagreementAmongAnswered === null || upperBound95 === null)
    return 'No answer reached the threshold of a certificate: in a cascade the teacher would answer them all.';
  return `In a cascade it would answer ${count(answered)} of them (${percent(coverage)}) and disagree with the teacher on ${percent(disagreementAmongAnswered, 2)} of these, at most ${percent(upperBound95, 2)} with 95 % confidence.`;
}

function apart({ confused, labels, paths, disagreements }: EvalDetails): Markup {
  if (disagreements === 0)
    return html`<section><h2>Where they part</h2><p>Nowhere: student and teacher agree on every example.</p></section>`;
  return html`<section>
    <h2>Where they part</h2>
    ${
      confused &&
      labels &&
      html`<div class="two"><div class="scroll"><table>
      <thead><tr><th scope="col">Teacher said</th><th scope="col">student said</th><th scope="col" class="n">times</th></tr></thead>
      <tbody>${confused.map(({ teacher, student, n }) => html`<tr><td><bdi>${teacher}</bdi></td><td><bdi>${student}</bdi></td><td class="n">${count(n)}</td></tr>`)}</tbody>
      <caption>The most frequent mix-ups, of ${counted(disagreements, 'disagreement')}.</caption>
    </table></div><div class="scroll"><table>
      <thead><tr><th scope="col">Teacher said</th><th scope="col" class="n">examples</th><th scope="col" class="n">agreement</th></tr></thead>
      <tbody>${labels.map(({ label, n, agreement }) => html`<tr><td><bdi>${label}</bdi></td><td class="n">${count(n)}</td><td class="n">${percent(agreement)}</td></tr>`)}</tbody>
      <caption>The labels that stand for the most disagreements.</caption>
    </table></div></div>`
    }
    ${
      paths &&
      html`<div class="scroll"><table>
      <thead><tr><th scope="col">Path</th><th scope="col" class="n">answers that have it</th><th scope="col" class="n">agreement</th></tr></thead>
      <tbody>${paths.map(({ path, n, agreement }) => html`<tr><td><code>${path}</code></td><td class="n">${count(n)}</td><td class="n">${percent(agreement)}</td></tr>`)}</tbody>
      <caption>How often the values at each path of the JSON are the same.</caption>
    </table></div>`
    }
    ${!confused && !paths && html`<p>${counted(disagreements, 'disagreement')}.</p>`}
  </section>`;
}

function worthReading(
  { surest }: EvalDetails,
  explained: ReadonlyMap<string, Explanation>,
): Markup | undefined {
  if (surest.length === 0) return undefined;
  const row = ({ text, teacher, student, confidence, certified }: Judged) => {
    const why = explained.get(text);
    return html`<tr><td>${why ? markedText(why) : html`<bdi>${shortened(text)}</bdi>`}</td><td><bdi>${shortened(teacher)}</bdi></td><td><bdi>${shortened(student)}</bdi></td><td class="n">${percent(confidence)}${certified && ' ✓'}</td></tr>`;
  };
  return html`<section>
    <h2>Disagreements worth reading</h2>
    <p>The student was surest of these. Some will be its errors, and some the teacher’s.${explained.size > 0 && ' In the first ones, what speaks for its answer and what against it is marked.'}</p>
    <div class="scroll"><table>
      <thead><tr><th scope="col">Text</th><th scope="col">teacher</th><th scope="col">student</th><th scope="col" class="n">confidence</th></tr></thead>
      <tbody>${surest.map(row)}</tbody>
      <caption>✓: answered under the certificate.</caption>
    </table></div>
  </section>`;
}

const shortened = (text: string) => {
  const characters = [...text];
  return characters.length <= 400 ? text : `${characters.slice(0, 399).join('')}…`;
};

function drift(found: Drift | null): Markup {
  if (found === null)
    return html`<section><h2>Whether the inputs have changed</h2>
    <p>That cannot be said: the student’s folder tells nothing of its own test split. Students that are distilled from now on do.</p></section>`;
  const row = (name: string, { divergence, byChance, drifted }: Divergence) =>
    html`<tr><th scope="row">${name}</th><td class="n">${divergence.toFixed(3)}</td><td class="n">${byChance.toFixed(3)}</td><td>${drifted ? html`<strong>changed</strong>` : 'no more than by chance'}</td></tr>`;
  const { confidence, answers, unknownWords, moved } = found;
  return html`<section>
    <h2>Whether the inputs have changed</h2>
    <p>Against the test split that the student was measured on when it was made.</p>
    <div class="scroll"><table>
      <thead><tr><th scope="col">Distribution</th><th scope="col" class="n">divergence</th><th scope="col" class="n">by chance up to</th><th scope="col">verdict</th></tr></thead>
      <tbody>${row('of confidence', confidence)}${answers && row('of answers', answers)}</tbody>
      <caption>Jensen–Shannon divergence in bits: 0 is alike, 1 has nothing in common.</caption>
    </table></div>
    ${unknownWords && html`<p>Words that the student has no vector for: ${percent(unknownWords.now)} here, ${percent(unknownWords.before)} then.</p>`}
    ${
      moved.length > 0 &&
      html`<div class="scroll"><table>
      <thead><tr><th scope="col">Answer</th><th scope="col" class="n">then</th><th scope="col" class="n">here</th></tr></thead>
      <tbody>${moved.map(({ answer, before, now }) => html`<tr><td><bdi>${shortened(answer)}</bdi></td><td class="n">${plainPercent(Math.round(before * 1000) / 1000)}</td><td class="n">${plainPercent(Math.round(now * 1000) / 1000)}</td></tr>`)}</tbody>
      <caption>The answers whose share has changed most.</caption>
    </table></div>`
    }
  </section>`;
}
