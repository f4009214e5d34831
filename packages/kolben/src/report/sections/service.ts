/**
 * What happened behind the gateway: who answered, whether student and teacher agree, how fast, for how much.
 *
 * @module
 */
import { count, counted, dollars, price as listed, milliseconds, percent } from '../../progress/words.ts';
import { latencyChart } from '../charts/latency-chart.ts';
import { shareBar } from '../charts/share-bar.ts';
import { confusionTable } from '../confusion-table.ts';
import type { ReportData, ServiceFacts } from '../data.ts';
import { html, type Markup } from '../html.ts';

function answers(service: ServiceFacts): Markup {
  const { asked, answeredByStudent, checked, agreed, noun } = service;
  const unchecked = answeredByStudent - checked;
  const parts = [
    { label: 'the student, as the teacher would have', value: agreed, shade: 'student' },
    { label: 'the student, unlike the teacher', value: checked - agreed, shade: 'wrong' },
    ...(unchecked > 0 ? [{ label: 'the student, not checked', value: unchecked, shade: 'quiet' }] : []),
    { label: 'the teacher', value: asked - answeredByStudent, shade: 'teacher' },
  ];
  return html`<section>
    <h2>Who answered</h2>
    <p>${counted(asked, noun.one, noun.many)} that took no part in the training went through the gateway on the route <code>cascade</code>: the student answered
      where its confidence reached the threshold of its certificate, and the teacher answered the rest.</p>
    ${shareBar('answers', `Who answered the ${counted(asked, noun.one, noun.many)}`, parts)}
    ${checked > 0 ? confusionTable(service.confusion, `The student's answers on the ${counted(checked, noun.one, noun.many)} it answered, beside the teacher's.`) : undefined}
    ${checked > 0 ? html`<p>In order to measure this, the teacher was afterwards asked about ${checked === answeredByStudent ? 'all' : count(checked)} of the ${noun.many} that the student had answered. In service one asks it only for a small random share.</p>` : undefined}
  </section>`;
}

function speed(service: ServiceFacts): Markup {
  const { student, teacher, about } = service.latency;
  const rows = [
    ...(student ? [{ label: 'student', latency: student, shade: 'student' }] : []),
    ...(teacher ? [{ label: 'teacher', latency: teacher, shade: 'teacher' }] : []),
  ];
  return html`<section>
    <h2>How long an answer takes</h2>
    ${rows.length > 0 ? html`<figure>${latencyChart(rows)}<figcaption>From the median (large dot) to the 99th percentile (small dot). The scale is logarithmic.</figcaption></figure>` : undefined}
    <div class="scroll"><table>
      <thead><tr><th scope="col">Answered by</th><th scope="col" class="n">answers</th><th scope="col" class="n">median</th><th scope="col" class="n">99th percentile</th></tr></thead>
      <tbody>${rows.map(({ label, latency }) => html`<tr><th scope="row">${label}</th><td class="n">${count(latency.n)}</td><td class="n">${milliseconds(latency.p50)}</td><td class="n">${milliseconds(latency.p99)}</td></tr>`)}</tbody>
      <caption>${about}</caption>
    </table></div>
  </section>`;
}

function money(data: ReportData, service: ServiceFacts): Markup {
  const { paid, teacherAlone, recording, checking } = service.cost;
  const saved = teacherAlone - paid;
  const share = teacherAlone > 0 ? ` (${percent(saved / teacherAlone)})` : '';
  const perThousand =
    service.asked > 0
      ? ` That is ${dollars((saved / service.asked) * 1000)} for every thousand ${service.noun.many}.`
      : '';
  const { price } = data.teacher;
  const note = price
    ? `Reckoned with ${listed(price.inputPerMillion)} for a million tokens in and ${listed(price.outputPerMillion)} for a million tokens out: ${price.source}`
    : 'No price of the teacher is known.';
  const row = (label: string, amount: number) =>
    html`<tr><th scope="row">${label}</th><td class="n">${dollars(amount)}</td></tr>`;
  return html`<section>
    <h2>What it cost</h2>
    <p>Student and teacher together cost ${dollars(paid)} where the teacher alone would have cost ${dollars(teacherAlone)}.${perThousand}</p>
    <div class="scroll"><table>
      <thead><tr><th scope="col">For ${counted(service.asked, service.noun.one, service.noun.many)}</th><th scope="col" class="n">US dollars</th></tr></thead>
      <tbody>${row('the teacher alone would have cost', teacherAlone)}${row('the cascade cost', paid)}
        <tr class="sum"><th scope="row">saved${share}</th><td class="n">${dollars(saved)}</td></tr></tbody>
      <caption>${note} Not counted: the electricity of this machine, recording the calls to learn from (${dollars(recording)}, paid once, and paid anyway by whoever uses the teacher today), and asking the teacher afterwards in order to measure (${dollars(checking)}).</caption>
    </table></div>
  </section>`;
}

export function serviceSections(data: ReportData): Markup | undefined {
  const { service } = data;
  return service && html`${answers(service)}${speed(service)}${money(data, service)}`;
}
