/**
 * What happened behind the gateway: who answered, whether student and teacher agree, how fast, for how much.
 *
 * @module
 */
import { ConfusionTable, HeadedTable, LatencyChart, type Part, ShareBar } from '@kolben/console/charts';
import { count, counted, dollars, price as listed, milliseconds, percent } from '../../progress/words.ts';
import type { ReportData, ServiceFacts } from '../data.ts';

function Answers({ service }: { readonly service: ServiceFacts }) {
  const { asked, answeredByStudent, checked, agreed, noun } = service;
  const unchecked = answeredByStudent - checked;
  const parts: Part[] = [
    { label: 'the student, as the teacher would have', value: agreed, shade: 'student' },
    { label: 'the student, unlike the teacher', value: checked - agreed, shade: 'wrong' },
    ...(unchecked > 0
      ? [{ label: 'the student, not checked', value: unchecked, shade: 'quiet' } as const]
      : []),
    { label: 'the teacher', value: asked - answeredByStudent, shade: 'teacher' },
  ];
  return (
    <section>
      <h2>Who answered</h2>
      <p>
        {counted(asked, noun.one, noun.many)} that took no part in the training went through the gateway on
        the route <code>cascade</code>: the student answered where its confidence reached the threshold of its
        certificate, and the teacher answered the rest.
      </p>
      <ShareBar title={`Who answered the ${counted(asked, noun.one, noun.many)}`} parts={parts} />
      {checked > 0 && (
        <>
          <ConfusionTable
            confusion={service.confusion}
            caption={`The student's answers on the ${counted(checked, noun.one, noun.many)} it answered, beside the teacher's.`}
          />
          <p>
            In order to measure this, the teacher was afterwards asked about{' '}
            {checked === answeredByStudent ? 'all' : count(checked)} of the {noun.many} that the student had
            answered. In service one asks it only for a small random share.
          </p>
        </>
      )}
    </section>
  );
}

function Speed({ latency: { student, teacher, about } }: { readonly latency: ServiceFacts['latency'] }) {
  const rows = [
    ...(student ? [{ label: 'student', ...student, shade: 'student' } as const] : []),
    ...(teacher ? [{ label: 'teacher', ...teacher, shade: 'teacher' } as const] : []),
  ];
  return (
    <section>
      <h2>How long an answer takes</h2>
      {rows.length > 0 && (
        <figure>
          <LatencyChart rows={rows} />
          <figcaption>
            From the median (large dot) to the 99th percentile (small dot). The scale is logarithmic.
          </figcaption>
        </figure>
      )}
      <HeadedTable
        caption={about}
        heads={['Answered by', { n: 'answers' }, { n: 'median' }, { n: '99th percentile' }]}
      >
        {rows.map(({ label, n, p50, p99 }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td className="n">{count(n)}</td>
            <td className="n">{milliseconds(p50)}</td>
            <td className="n">{milliseconds(p99)}</td>
          </tr>
        ))}
      </HeadedTable>
    </section>
  );
}

function Money({ data, service }: { readonly data: ReportData; readonly service: ServiceFacts }) {
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
  return (
    <section>
      <h2>What it cost</h2>
      <p>
        Student and teacher together cost {dollars(paid)} where the teacher alone would have cost{' '}
        {dollars(teacherAlone)}.{perThousand}
      </p>
      <HeadedTable
        caption={`${note} Not counted: the electricity of this machine, recording the calls to learn from (${dollars(recording)}, paid once, and paid anyway by whoever uses the teacher today), and asking the teacher afterwards in order to measure (${dollars(checking)}).`}
        heads={[`For ${counted(service.asked, service.noun.one, service.noun.many)}`, { n: 'US dollars' }]}
      >
        <tr>
          <th scope="row">the teacher alone would have cost</th>
          <td className="n">{dollars(teacherAlone)}</td>
        </tr>
        <tr>
          <th scope="row">the cascade cost</th>
          <td className="n">{dollars(paid)}</td>
        </tr>
        <tr className="sum">
          <th scope="row">saved{share}</th>
          <td className="n">{dollars(saved)}</td>
        </tr>
      </HeadedTable>
    </section>
  );
}

export function ServiceSections({ data }: { readonly data: ReportData }) {
  const { service } = data;
  if (!service) return null;
  return (
    <>
      <Answers service={service} />
      <Speed latency={service.latency} />
      <Money data={data} service={service} />
    </>
  );
}
