/**
 * The top of the page: what came out, in one sentence that anybody understands, and who the teacher was.
 *
 * @module
 */
import type { ReactNode } from 'react';
import {
  count,
  counted,
  dollars,
  duration,
  milliseconds,
  percent,
  plainPercent,
} from '../../progress/words.ts';
import type { ReportData, ServiceFacts } from '../data.ts';

function interval([low, high]: readonly [number, number]): string {
  return `95 % interval ${percent(low).replace(' %', '')} to ${percent(high)}`;
}

function Served({ service }: { readonly service: ServiceFacts }) {
  const { asked, answeredByStudent, noun } = service;
  return (
    <>
      <h1>
        The student answered {count(answeredByStudent)} of {counted(asked, noun.one, noun.many)} it had never
        seen.
      </h1>
      <p className="lead">{servedWell(service)}</p>
    </>
  );
}

function servedWell(service: ServiceFacts): ReactNode {
  const { asked, answeredByStudent, checked, agreed, noun } = service;
  if (checked === 0) return 'Every one of them went to the teacher.';
  const left = asked - answeredByStudent;
  return (
    <>
      {checked < answeredByStudent ? `On the ${count(checked)} of those that were checked` : 'On those'} it
      agreed with the teacher in <strong>{percent(agreed / checked)}</strong> of cases (
      {interval(service.interval)}).{' '}
      {left === 0
        ? 'The teacher had nothing left to answer.'
        : `The other ${counted(left, noun.one, noun.many)} went to the teacher.`}
    </>
  );
}

function Trained({ data: { test, certificate } }: { readonly data: ReportData }) {
  return (
    <>
      <h1>The student agrees with the teacher on {percent(test.agreement)} of the test examples.</h1>
      <p className="lead">
        That is measured on {counted(test.n, 'example')} it was not trained on ({interval(test.interval)}).{' '}
        {certificate ? (
          <>
            Under its certificate it answers about <strong>{percent(certificate.coverage)}</strong> of the
            calls by itself and leaves the rest to the teacher.
          </>
        ) : (
          'It has no certificate, so the teacher still answers every call.'
        )}
      </p>
    </>
  );
}

function figuresOf({ service, training, test, certificate }: ReportData): [value: string, label: string][] {
  const cells: [string, string][] = [];
  if (service) {
    cells.push([
      percent(service.asked === 0 ? 0 : service.answeredByStudent / service.asked),
      'answered by the student',
    ]);
    if (service.checked > 0)
      cells.push([percent(service.agreed / service.checked), 'agreement with the teacher on those']);
    cells.push([
      dollars(service.cost.paid),
      `instead of ${dollars(service.cost.teacherAlone)} for the teacher alone`,
    ]);
    if (service.latency.student) {
      const beside = service.latency.teacher
        ? `; the teacher ${milliseconds(service.latency.teacher.p50)}`
        : '';
      cells.push([
        milliseconds(service.latency.student.p50),
        `median time of the student's answers${beside}`,
      ]);
    }
  } else {
    cells.push([percent(test.agreement), 'agreement on the test examples']);
    cells.push([
      certificate ? percent(certificate.coverage) : 'none',
      certificate ? 'answered under the certificate' : 'certificate',
    ]);
  }
  if (service && certificate) {
    cells.push([`≤ ${plainPercent(certificate.alpha)}`, 'disagreement where the student answers, certified']);
  }
  cells.push([duration(training.seconds), `of training on ${counted(training.chips, 'chip')}`]);
  return cells;
}

export function Headline({ data }: { readonly data: ReportData }) {
  const when = data.generatedAt.slice(0, 16).replace('T', ', ');
  const heading = data.teacher.kind === 'replay' ? 'This teacher is not a language model.' : 'The teacher.';
  return (
    <header>
      <p className="eyebrow">
        Kolben · task <bdi>{data.task}</bdi> · {when} UTC
      </p>
      {data.service ? <Served service={data.service} /> : <Trained data={data} />}
      <div className="notice">
        <p>
          <strong>{heading}</strong> {data.teacher.about}
        </p>
      </div>
      <dl className="figures">
        {figuresOf(data).map(([value, label]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}
