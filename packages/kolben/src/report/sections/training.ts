/**
 * How the student came to be: its quality beside the plain baselines, its loss, its chips, its data.
 *
 * @module
 */
import { compareTimelines, timelinesSvg } from '@kolben/engine';
import { count, counted, duration, milliseconds, percent } from '../../progress/words.ts';
import { bars } from '../charts/bars.ts';
import { lossCurve } from '../charts/loss-curve.ts';
import { shareBar } from '../charts/share-bar.ts';
import { confusionTable } from '../confusion-table.ts';
import type { ReportData, TrainingFacts } from '../data.ts';
import { html, type Markup, trusted } from '../html.ts';

/** What is to be said of the student beside the linear model. */
function besideLinear({ test }: ReportData, ngramLinear: number): Markup {
  const margin = test.agreement - ngramLinear;
  const points = `${Math.abs(margin * 100).toFixed(1)} points`;
  const linear = 'the linear model on n-grams, which learns in seconds and is hard to beat on such tasks';
  // Examples are whole: a difference below a tenth of a point is shown as none.
  const level = Math.abs(margin) < 0.0005;
  const chance = ngramLinear >= test.interval[0] && ngramLinear <= test.interval[1];
  const doubt = `; with ${counted(test.n, 'test example')} chance alone could make such a difference`;
  const verdict = level
    ? `The student is level with ${linear}.`
    : `The student is ${points} ${margin > 0 ? 'above' : 'below'} ${linear}${chance ? doubt : ''}.`;
  const advice =
    margin < 0 && !level && !chance && html`<p>On this task the linear model is the better choice.</p>`;
  return html`<p>${verdict}</p>${advice}`;
}

function quality(report: ReportData): Markup {
  const { test, baselines } = report;
  const { majority, ngramLinear } = baselines;
  const linear =
    ngramLinear === null
      ? []
      : [{ label: 'linear model on n-grams', share: ngramLinear, shade: 'quiet' } as const];
  return html`<section>
    <h2>How good the student is</h2>
    ${ngramLinear !== null && besideLinear(report, ngramLinear)}
    <figure>${bars('quality', 'Agreement with the teacher on the test examples', [
      { label: 'always the most frequent answer', share: majority, shade: 'quiet' },
      ...linear,
      { label: 'student', share: test.agreement, shade: 'student' },
    ])}<figcaption>Agreement with the teacher on ${counted(test.n, 'test example')} that nothing was trained on. The student's interval at 95 %: ${percent(test.interval[0])} to ${percent(test.interval[1])}.</figcaption></figure>
    ${test.confusion && confusionTable(test.confusion, 'All test examples, also those the student would leave to the teacher.')}
  </section>`;
}

function learning({ training }: ReportData): Markup {
  const { losses, steps, timeline } = training;
  return html`<section>
    <h2>How it was trained</h2>
    <dl class="facts">
      <dt>Time</dt><dd>${duration(training.seconds)}, ${counted(training.steps, 'step')}</dd>
      <dt>Text</dt><dd>${counted(training.tokens, 'token')}, ${count(training.tokensPerSecond)} a second; padding, which they don't count, is ${percent(training.paddingShare)} of the positions computed</dd>
      <dt>Chips</dt><dd>${counted(training.chips, 'chip')}, schedule ${training.schedule}, waiting ${percent(training.bubble)} of the time</dd>
    </dl>
    <div class="two">
      <figure>${lossCurve({ id: 'train-loss', title: 'Training loss', points: losses.train, steps, kind: 'train' })}
        <figcaption>Training loss over the steps. It also holds what only training adds: the loss of each branch, dropout, smoothed labels.</figcaption></figure>
      <figure>${lossCurve({ id: 'validation-loss', title: 'Validation loss', points: losses.validation, steps, kind: 'validation' })}
        <figcaption>Validation loss of the student as it answers: cross-entropy in nats on examples it does not train on.</figcaption></figure>
    </div>
    ${timeline && chipsAtWork(timeline)}
  </section>`;
}

function chipsAtWork({ real, simulated, about }: NonNullable<TrainingFacts['timeline']>): Markup {
  const compared = compareTimelines(simulated, real);
  const { stepTime } = compared;
  const picture = timelinesSvg(
    [
      { title: 'Measured', timeline: compared.real },
      { title: 'Simulated', timeline: compared.simulated },
    ],
    { title: 'Measured and simulated', width: 760, maxSpans: 8000 },
  );
  return html`<h3>What the chips did</h3>
    <p>${about}</p>
    <figure><div class="scroll">${trusted(picture)}</div>
      <figcaption>A step takes ${milliseconds(stepTime.real)} as measured and ${milliseconds(stepTime.simulated)} as simulated. The simulator gives each piece of work its median time, and lets a copy between chips delay only the one that waits for it.</figcaption></figure>`;
}

function data({ dataset, labels, calls }: ReportData): Markup {
  const parts = [
    { label: 'training', value: dataset.train, shade: 'shade1' },
    { label: 'validation', value: dataset.validation, shade: 'shade2' },
    { label: 'tuning', value: dataset.tune, shade: 'shade3' },
    { label: 'calibration', value: dataset.calibration, shade: 'shade4' },
    { label: 'test', value: dataset.test, shade: 'shade5' },
  ];
  const removed =
    dataset.duplicatesRemoved === 0
      ? 'No duplicates were found'
      : `${counted(dataset.duplicatesRemoved, 'duplicate')} ${dataset.duplicatesRemoved === 1 ? 'was' : 'were'} removed`;
  const conflicts =
    dataset.conflicts === 0
      ? 'no input had two different answers'
      : `${counted(dataset.conflicts, 'input')} had different answers`;
  const source =
    calls === undefined
      ? `${counted(dataset.n, 'different example')} came from a file.`
      : `${counted(calls, 'recorded call')}, and nothing else, became ${counted(dataset.n, 'different example')}.`;
  return html`<section>
    <h2>What it learned from</h2>
    <p>${source} ${removed}, and ${conflicts}. Examples that resemble each other stay in the same part. The student learns from the training part; the certificate is drawn from calibration examples that nothing else looked at.</p>
    ${
      dataset.selfAgreement &&
      html`<p>Where the teacher was asked the same thing more than once (${counted(dataset.selfAgreement.inputs, 'input')}), it agreed with itself in ${percent(dataset.selfAgreement.agreement)} of cases. No student can be expected to agree with it more often.</p>`
    }
    ${(dataset.warnings ?? []).map((warning) => html`<p>${warning}</p>`)}
    ${shareBar('splits', 'How the examples were divided', parts)}
    ${labels.length > 0 && html`<p>${counted(labels.length, 'label')}: ${labels.slice(0, 20).map((label, i) => html`${i > 0 ? ', ' : ''}<bdi>${label}</bdi>`)}${labels.length > 20 ? ` and ${count(labels.length - 20)} more` : ''}.</p>`}
  </section>`;
}

export function trainingSections(report: ReportData): Markup {
  return html`${quality(report)}${learning(report)}${data(report)}`;
}
