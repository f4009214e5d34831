/**
 * How the student came to be: its quality beside the plain baselines, its loss, its chips, its data.
 *
 * @module
 */
import {
  type Bar,
  Bars,
  ChipTimeline,
  ConfusionTable,
  LossCurve,
  type Part,
  ShareBar,
} from '@kolben/console/charts';
import { chipUse, compareTimelines, makespan, type Timeline } from '@kolben/engine';
import { Fragment } from 'react';
import { count, counted, duration, milliseconds, percent } from '../../progress/words.ts';
import type { ReportData, TrainingFacts } from '../data.ts';

/** What is to be said of the student beside the linear model. */
function BesideLinear({
  test,
  ngramLinear,
}: {
  readonly test: ReportData['test'];
  readonly ngramLinear: number;
}) {
  const margin = test.agreement - ngramLinear;
  const points = `${Math.abs(margin * 100).toFixed(1)} points`;
  const linear = 'the linear model on n-grams, which learns in seconds and is hard to beat on such tasks';
  // Examples are whole: a difference below a tenth of a point is shown as none.
  const level = Math.abs(margin) < 0.0005;
  const chance = ngramLinear >= test.interval[0] && ngramLinear <= test.interval[1];
  const doubt = `; with ${counted(test.n, 'test example')} chance alone could make such a difference`;
  return (
    <>
      <p>
        {level
          ? `The student is level with ${linear}.`
          : `The student is ${points} ${margin > 0 ? 'above' : 'below'} ${linear}${chance ? doubt : ''}.`}
      </p>
      {margin < 0 && !level && !chance && <p>On this task the linear model is the better choice.</p>}
    </>
  );
}

function Quality({ report: { test, baselines } }: { readonly report: ReportData }) {
  const { majority, ngramLinear } = baselines;
  const rows: Bar[] = [
    { label: 'always the most frequent answer', share: majority, shade: 'quiet' },
    ...(ngramLinear === null
      ? []
      : [{ label: 'linear model on n-grams', share: ngramLinear, shade: 'quiet' } as const]),
    { label: 'student', share: test.agreement, shade: 'student' },
  ];
  return (
    <section>
      <h2>How good the student is</h2>
      {ngramLinear !== null && <BesideLinear test={test} ngramLinear={ngramLinear} />}
      <figure>
        <Bars title="Agreement with the teacher on the test examples" rows={rows} />
        <figcaption>
          Agreement with the teacher on {counted(test.n, 'test example')} that nothing was trained on. The
          student's interval at 95 %: {percent(test.interval[0])} to {percent(test.interval[1])}.
        </figcaption>
      </figure>
      {test.confusion && (
        <ConfusionTable
          confusion={test.confusion}
          caption="All test examples, also those the student would leave to the teacher."
        />
      )}
    </section>
  );
}

function Learning({ training }: { readonly training: TrainingFacts }) {
  const { losses, steps, timeline } = training;
  return (
    <section>
      <h2>How it was trained</h2>
      <dl className="facts">
        <dt>Time</dt>
        <dd>
          {duration(training.seconds)}, {counted(training.steps, 'step')}
        </dd>
        <dt>Text</dt>
        <dd>
          {counted(training.tokens, 'token')}, {count(training.tokensPerSecond)} a second; padding, which they
          don't count, is {percent(training.paddingShare)} of the positions computed
        </dd>
        <dt>Chips</dt>
        <dd>
          {counted(training.chips, 'chip')}, schedule {training.schedule}, waiting {percent(training.bubble)}{' '}
          of the time
        </dd>
      </dl>
      <div className="two">
        <figure>
          <LossCurve title="Training loss" points={losses.train} steps={steps} kind="train" />
          <figcaption>
            Training loss over the steps. It also holds what only training adds: the loss of each branch,
            dropout, smoothed labels.
          </figcaption>
        </figure>
        <figure>
          <LossCurve title="Validation loss" points={losses.validation} steps={steps} kind="validation" />
          <figcaption>
            Validation loss of the student as it answers: cross-entropy in nats on examples it does not train
            on.
          </figcaption>
        </figure>
      </div>
      {timeline && <ChipsAtWork timeline={timeline} />}
    </section>
  );
}

/** Each bar that says what it is takes some hundred bytes of the page. */
const mostTold = 4_000;

function inShort(timeline: Timeline): string {
  const uses = chipUse(timeline);
  const busy = uses.reduce((sum, { busyShare }) => sum + busyShare, 0) / Math.max(1, uses.length);
  return `${milliseconds(makespan(timeline))} on ${counted(timeline.chips, 'chip')}, ${percent(busy)} of the time at work`;
}

function ChipsAtWork({
  timeline: { real, simulated, about },
}: {
  readonly timeline: NonNullable<TrainingFacts['timeline']>;
}) {
  const compared = compareTimelines(simulated, real);
  const { stepTime } = compared;
  const timelines = [
    { label: 'Measured', ...compared.real },
    { label: 'Simulated', ...compared.simulated },
  ];
  const bars = timelines.reduce((sum, { spans }) => sum + spans.length, 0);
  return (
    <>
      <h3>What the chips did</h3>
      <p>{about}</p>
      <figure>
        <ChipTimeline
          title="Measured and simulated"
          description={timelines.map(({ label, ...one }) => `${label}: ${inShort(one)}`).join('; ')}
          timelines={timelines}
          window={{ start: 0, end: Math.max(...timelines.map(makespan)) }}
          tellsEach={bars <= mostTold}
          table={{
            caption: 'How the chips spent these steps',
            columns: ['chip', 'computing', 'copying', 'waiting'],
            rows: timelines.flatMap(({ label, ...one }) =>
              chipUse(one).map(({ busy, transfer, idle }, chip) => [
                `${label}, chip ${count(chip + 1)}`,
                ...[busy, transfer, idle].map((time) => percent(time / (busy + transfer + idle))),
              ]),
            ),
          }}
        />
        <figcaption>
          A step takes {milliseconds(stepTime.real)} as measured and {milliseconds(stepTime.simulated)} as
          simulated. The simulator gives each piece of work its median time, and lets a copy between chips
          delay only the one that waits for it.
        </figcaption>
      </figure>
    </>
  );
}

function Data({ report: { dataset, labels, calls } }: { readonly report: ReportData }) {
  const parts: Part[] = [
    { label: 'training', value: dataset.train, shade: 'student' },
    { label: 'validation', value: dataset.validation, shade: 'first' },
    { label: 'tuning', value: dataset.tune, shade: 'second' },
    { label: 'calibration', value: dataset.calibration, shade: 'teacher' },
    { label: 'test', value: dataset.test, shade: 'quiet' },
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
  return (
    <section>
      <h2>What it learned from</h2>
      <p>
        {source} {removed}, and {conflicts}. Examples that resemble each other stay in the same part. The
        student learns from the training part; the certificate is drawn from calibration examples that nothing
        else looked at.
      </p>
      {dataset.selfAgreement && (
        <p>
          Where the teacher was asked the same thing more than once (
          {counted(dataset.selfAgreement.inputs, 'input')}), it agreed with itself in{' '}
          {percent(dataset.selfAgreement.agreement)} of cases. No student can be expected to agree with it
          more often.
        </p>
      )}
      {(dataset.warnings ?? []).map((warning) => (
        <p key={warning}>{warning}</p>
      ))}
      <ShareBar title="How the examples were divided" parts={parts} />
      {labels.length > 0 && (
        <p>
          {counted(labels.length, 'label')}:{' '}
          {labels.slice(0, 20).map((label, i) => (
            <Fragment key={label}>
              {i > 0 ? ', ' : ''}
              <bdi>{label}</bdi>
            </Fragment>
          ))}
          {labels.length > 20 ? ` and ${count(labels.length - 20)} more` : ''}.
        </p>
      )}
    </section>
  );
}

export function TrainingSections({ data }: { readonly data: ReportData }) {
  return (
    <>
      <Quality report={data} />
      <Learning training={data.training} />
      <Data report={data} />
    </>
  );
}
