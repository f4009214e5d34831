/**
 * The top of the page: what came out, in one sentence that anybody understands, and who the teacher was.
 *
 * @module
 */
import {
  count,
  counted,
  dollars,
  duration,
  milliseconds,
  percent,
  plainPercent,
} from '../../progress/words.ts';
import type { ReportData } from '../data.ts';
import { html, type Markup } from '../html.ts';

function interval([low, high]: readonly [number, number]): string {
  return `95 % interval ${percent(low).replace(' %', '')} to ${percent(high)}`;
}

function served(data: ReportData): Markup {
  const service = data.service!;
  const { asked, answeredByStudent, checked, agreed, noun } = service;
  const left = asked - answeredByStudent;
  const agreement =
    checked === 0
      ? html`Every one of them went to the teacher.`
      : html`${checked < answeredByStudent ? `On the ${count(checked)} of those that were checked` : 'On those'} it agreed with the teacher in
        <strong>${percent(agreed / checked)}</strong> of cases (${interval(service.interval)}).
        ${left === 0 ? 'The teacher had nothing left to answer.' : html`The other ${counted(left, noun.one, noun.many)} went to the teacher.`}`;
  return html`<h1>The student answered ${count(answeredByStudent)} of ${counted(asked, noun.one, noun.many)} it had never seen.</h1>
    <p class="lead">${agreement}</p>`;
}

function trained(data: ReportData): Markup {
  const { test, certificate } = data;
  const promise = certificate
    ? html`Under its certificate it answers about <strong>${percent(certificate.coverage)}</strong> of the calls by itself and leaves the rest to the teacher.`
    : html`It has no certificate, so the teacher still answers every call.`;
  return html`<h1>The student agrees with the teacher on ${percent(test.agreement)} of the test examples.</h1>
    <p class="lead">That is measured on ${counted(test.n, 'example')} it was not trained on (${interval(test.interval)}). ${promise}</p>`;
}

function figures(data: ReportData): Markup {
  const { service, training, test, certificate } = data;
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
  return html`<dl class="figures">${cells.map(([value, label]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
}

export function headline(data: ReportData): Markup {
  const when = data.generatedAt.slice(0, 16).replace('T', ', ');
  const heading = data.teacher.kind === 'replay' ? 'This teacher is not a language model.' : 'The teacher.';
  return html`<header>
    <p class="eyebrow">Kolben · task <bdi>${data.task}</bdi> · ${when} UTC</p>
    ${data.service ? served(data) : trained(data)}
    <div class="notice"><p><strong>${heading}</strong> ${data.teacher.about}</p></div>
    ${figures(data)}
  </header>`;
}
